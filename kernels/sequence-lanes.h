/**
 * How a recurrent pass lies in memory where the lanes of a vector are sequences: for small layers and many sequences.
 *
 *   z      [T + 1][x_s | 1 | h_s−1][B]    a row per feature
 *   gates  [T][gates · H][B]              activated gates; backward puts their gradients in the same place
 *   c      [T + 1][H][B]                  LSTM: c_s−1
 *   tanhC  [T][H][B]                      LSTM: tanh c_s
 *   A      [gates · H][W | b | U]         the weights, read as they are: the product broadcasts them
 *
 * Where lanes are hidden units (recurrent.h), H = 10 leaves six lanes of sixteen idle and H = 50 fourteen of 64; here B = 505 leaves seven of 512.
 * Nothing is packed but rows of A copied together, and gradients of weights come out in their own order.
 *
 * The gates are in PyTorch's order but for a GRU: n r z m, x and its bias reach n r z, h and its own r z m (m = U h + c of n).
 *
 * A row is an odd number of cache lines, so that rows spread over the sets of the cache. Lanes beyond B hold numbers of no meaning. Without
 * training z and c have two steps, and no gates are kept. The steps are numbered in the order of the pass.
 */
#pragma once
#include "recurrent.h"

namespace refrain {
namespace REFRAIN_ISA {

/** Rows of a group of four vectors that lie in the first-level cache between product and cell. */
constexpr int ROWS_AT_ONCE_OF_LANES = 48;

/** Gates that the same features reach. */
struct Section {
  int gate, gates;  // the first and how many
  int k0, k1;       // of a row of A
};

struct SequenceLanes : RecurrentShape {
  int G, rows, K;  // gates, G · H, features of z
  int vectors;     // of sequences
  Index row;
  Section sections[3];
  int sectionCount;
  /** The gates that x reaches, and h. */
  int xGate, xGates, hGate, hGates;
  float *A, *z, *gates, *c, *tanhC;

  explicit SequenceLanes(const RecurrentShape& shape) : RecurrentShape(shape) {
    bool gru = cell == GRU;
    G = cell == LSTM || gru ? 4 : 1;
    rows = G * H;
    K = I + 1 + H;
    vectors = ceilDiv(B, VL);
    row = oddLines(vectors * VL);
    sectionCount = gru ? 3 : 1;
    sections[0] = {0, gru ? 1 : G, 0, gru ? I + 1 : K};
    sections[1] = {1, 2, 0, K};
    sections[2] = {3, 1, I, K};
    xGate = 0;
    xGates = gru ? 3 : G;
    hGate = gru ? 1 : 0;
    hGates = gru ? 3 : G;
  }

  /** Lays the arrays of the pass over `memory`, and returns the first float behind them. */
  float* place(float* memory) {
    Index step = H * row;
    A = memory;
    z = A + lines((Index)rows * K);
    c = z + (training ? T + 1 : 2) * K * row;
    tanhC = c + (cell == LSTM ? (training ? T + 1 : 2) * step : 0);
    gates = tanhC + (cell == LSTM && training ? T * step : 0);
    return gates + (training ? T * G * step : 0);
  }

  float* zAt(int s) const { return z + (Index)(training ? s : s & 1) * K * row; }
  /** h after `s` steps. */
  float* hAt(int s) const { return zAt(s) + (I + 1) * row; }
  float* cAt(int s) const { return c + (Index)(training ? s : s & 1) * H * row; }
  float* tanhCAt(int s) const { return tanhC + (Index)s * H * row; }
  float* gatesAt(int s) const { return gates + (Index)s * rows * row; }

  bool isRnn() const { return cell == RNN_TANH || cell == RNN_RELU; }

  int gatesOfWeights() const { return cell == GRU ? 3 : G; }
  /** The gate of PyTorch's weights. */
  int gateOfWeights(int gate) const { return cell == GRU ? (gate + 2) % 3 : gate; }
  bool xReaches(int gate) const { return gate >= xGate && gate < xGate + xGates; }
  bool hReaches(int gate) const { return gate >= hGate && gate < hGate + hGates; }

  int time(int s, int length) const { return reverse && s < length ? length - 1 - s : s; }
};

/** Vectors of sequences, as one thread has them. */
struct LaneShare {
  int first, last;        // vectors
  int sequence, sequences;  // the first, and how many
  LaneShare(const SequenceLanes& L, const Team& team) {
    Slice slice(L.vectors, team);
    first = slice.first;
    last = slice.last;
    sequence = first * VL;
    sequences = (int)larger(0, smaller(L.B, last * VL) - sequence);
  }
};

/** Calls f(vector, vectors) for up to four vectors at a time. */
template <class F>
INLINE void eachGroup(const LaneShare& share, F f) {
  for (int v = share.first; v < share.last; v += 4) f(v, (int)smaller(4, share.last - v));
}

/** Calls f(first, count) for n things in runs of at most `most`, as equal as can be. */
template <class F>
INLINE void eachRun(int n, int most, F f) {
  int runs = ceilDiv(n, most);
  for (int i = 0; i < runs; i++) {
    int first = (int)((Index)n * i / runs);
    f(first, (int)((Index)n * (i + 1) / runs) - first);
  }
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
