/**
 * How a recurrent pass lies in memory where the lanes of a vector are hidden units, for all cells alike. Where they are sequences:
 * sequence-lanes.h.
 *
 * The steps are numbered in the order of the pass: s = 0 is the last time step when it runs in reverse.
 *
 *   z      [T + 1][B][x_s | h_s−1 | pad]         one row per step and sequence: both products of a step are one product
 *   gates  [block][T][B][4 vectors]              activated gates; backward puts their gradients in the same place
 *   c      [T + 1][vector][B][VL]                LSTM: c_s−1
 *   tanhC  [T][vector][B][VL]                    LSTM: tanh c_s
 *   m      [T][B][H | pad]                       LSTM with a projection: o ⊙ tanh c_s, of which h = R m
 *
 * A block is what four vectors hold: all gates of VL hidden units, or for the one gate of an RNN 4·VL hidden units.
 *
 *   lstm  i f g o     x and h reach all four
 *   gru   n r z m     x reaches n r z, h reaches r z m;  n′ = tanh(n + r ⊙ m)
 *   rnn   h h h h
 *
 * In the last block, where H may leave some lanes without a hidden unit, the gates close ranks: one begins where the units of the gate
 * before end, so that with 4 units the four gates fill one vector instead of a quarter of each of four. What stands behind the last
 * unit of a gate is then the next gate, or nothing of meaning, and is never used.
 *
 * A row of z is an odd number of cache lines, so that rows spread over
 * the sets of the cache. Without training, z has two steps, c one, and no gates are kept.
 */
#pragma once
#include "kernels.h"
#include "product.h"

namespace refrain {
namespace REFRAIN_ISA {

/** A run of vectors among the four of a block. */
struct Window {
  int first, count;
};

/** Part of the sum over k: [k0, k1) of a row of z, reaching the vectors of a window. */
struct Side {
  int k0, k1;
  Window window;
};

/** Rows of a tile's results kept in the first-level cache between product and cell. */
constexpr int ROWS_AT_ONCE = 48;

/** More of k than this in one go would push a panel of weights out of the second-level cache. */
constexpr int K_AT_ONCE = 480;

/** Rows of steps and sequences that gather before the gradients of the weights are brought up to date. */
constexpr int ROWS_OF_CHUNK = 256;

/** Steps whose states gather before y is written: few enough for the second-level cache. Without training the next step but one overwrites them. */
INLINE int stepsOfY(bool training, Index floatsOfStep) { return training ? (int)larger(1, 128 * 1024 / floatsOfStep) : 1; }

/** [first, last) of n things: one of some shares as equal as can be, or one thread's. */
struct Slice {
  int first, last;
  Slice(int n, int index, int count) : first((int)((int64_t)n * index / count)), last((int)((int64_t)n * (index + 1) / count)) {}
  Slice(int n, const Team& team) : Slice(n, team.index, team.count) {}
  int length() const { return last - first; }
};

INLINE Index oddLines(Index floats) { return (ceilDiv(floats, 16) | 1) * 16; }

/** Floats of a region, in whole cache lines. */
INLINE Index lines(Index floats) { return (floats + 15) / 16 * 16; }

/** Floats below an address: how far arrays laid out from null on reach. */
INLINE double floatsBelow(const float* end) { return (double)(uintptr_t)end / sizeof(float); }

INLINE float* aligned(float* p) { return (float*)(((uintptr_t)p + 63) & ~(uintptr_t)63); }

/** The vectors of one group of four, of so many numbers. */
INLINE int vectorsOfGroup(int size, int group) { return (int)smaller(4, ceilDiv(size - group * WIDTH, VL)); }

struct Layout : RecurrentShape {
  int K;        // I + P
  int G;        // gates
  int vectors;  // of hidden units
  int blocks;
  Window xWindow, hWindow;
  Side sides[2];
  int sideCount;
  Index zRow, mRow, gatesBlock;
  float *z, *gates, *c, *tanhC, *m;

  explicit Layout(const RecurrentShape& shape) : RecurrentShape(shape) {
    K = I + P;
    G = cell == LSTM ? 4 : cell == GRU ? 3 : 1;
    vectors = ceilDiv(H, VL);
    blocks = isRnn() ? ceilDiv(vectors, 4) : vectors;
    xWindow = cell == GRU ? Window{0, 3} : Window{0, 4};
    hWindow = cell == GRU ? Window{1, 3} : Window{0, 4};
    sideCount = cell == GRU ? 2 : 1;
    sides[0] = {0, cell == GRU ? I : K, xWindow};
    sides[1] = {I, K, hWindow};
    zRow = oddLines(I + (isRnn() || projected ? ceilDiv(P, VL) : vectors) * VL);
    mRow = oddLines(vectors * VL);
    gatesBlock = (Index)T * B * WIDTH;
  }

  bool isRnn() const { return cell == RNN_TANH || cell == RNN_RELU; }

  /** Lays the arrays of the pass over `memory`, and returns the first float behind them. */
  float* place(float* memory) {
    Index cStep = (Index)vectors * B * VL, kept = training ? T : 0;
    z = memory;
    gates = z + (training ? T + 1 : 2) * B * zRow;
    c = gates + kept * B * blocks * WIDTH;
    tanhC = c + (cell == LSTM ? (kept + 1) * cStep : 0);
    m = tanhC + (cell == LSTM ? kept * cStep : 0);
    return m + (projected ? (training ? T : 1) * B * mRow : 0);
  }

  float* zAt(int s, Index b) const { return z + ((Index)(training ? s : s & 1) * B + b) * zRow; }
  float* hAt(int s, Index b) const { return zAt(s + 1, b) + I; }
  float* gatesAt(int block, int s, Index b) const { return gates + block * gatesBlock + ((Index)s * B + b) * WIDTH; }
  Index cellAt(int s, int vector, Index b) const { return (((Index)s * vectors + vector) * B + b) * VL; }
  /** c after `s` steps. */
  float* cAt(int s, int vector, Index b) const { return c + cellAt(training ? s : 0, vector, b); }
  float* tanhCAt(int s, int vector, Index b) const { return tanhC + cellAt(s, vector, b); }
  float* mAt(int s, Index b) const { return m + ((Index)(training ? s : 0) * B + b) * mRow; }

  /** Groups of four vectors of hidden units. */
  int groups() const { return ceilDiv(vectors, 4); }

  /** From one gate of a block to the next: a vector, or fewer in the last block. An RNN has one gate. */
  int gateStep(int block) const { return isRnn() ? VL : (int)smaller(VL, H - block * VL); }
  /** The vectors that hold all of a block, or of a window of it. */
  int vectorsOf(int block) const { return isRnn() ? (int)smaller(4, vectors - 4 * block) : ceilDiv(4 * gateStep(block), VL); }
  int vectorsOf(int block, const Window& w) const { return isRnn() ? vectorsOf(block) : ceilDiv(w.count * gateStep(block), VL); }

  /** The i-th of n panels at step s: every other step begins with what the step before left in the cache. */
  static int turn(int i, int n, int s) { return s & 1 ? n - 1 - i : i; }

  /** The row of PyTorch's weights for the first lane of a vector, counted within the window of x or of h; and how many lanes are real. */
  int rowOf(int block, int vector, bool ofX) const {
    if (isRnn()) return (block * 4 + vector) * VL;
    int gate = cell == GRU && ofX ? (vector + 2) % 3 : vector;
    return gate * H + block * VL;
  }
  int lanesOf(int block, int vector) const {
    return (int)larger(0, smaller(VL, H - (isRnn() ? block * 4 + vector : block) * VL));
  }

  /** The time of sequence b at step s: a sequence that runs in reverse starts from its own end. */
  int time(int s, int length) const { return reverse && s < length ? length - 1 - s : s; }
};

}  // namespace REFRAIN_ISA
}  // namespace refrain
