/**
 * The gradients of a pass's weights, as sums that grow while it goes back: after every few steps, for their steps together,
 *
 *   [dW | dU] += dgatesᵀ · [x | h]            one product, as x and h share a row of z
 *   db        += Σ dgates
 *   dR        += dhᵀ · m                      with a projection
 *
 * A large batch has several parts, each with sums of its own, which meet at the end. Threads share all sums, part after part, so that each has
 * one order.
 */
#pragma once
#include "recurrent.h"
#include "transpose.h"
#include "zero-state.h"

namespace refrain {
namespace REFRAIN_ISA {

const float ONE = 1.0f;

/** Rows of a chunk that are summed from zero and then added. Fewer would be added more often to what has grown large, where a term loses most. */
constexpr int ROWS_OF_SUM = 256;

/** A part has so many sequences at least, so that a chunk is one step, and sums of so many numbers at most, for the second-level cache. */
constexpr int SEQUENCES_OF_PART = ROWS_OF_CHUNK / 2;
constexpr Index FLOATS_OF_PART = 128 * 1024;
constexpr int MOST_PARTS = 8;

struct WeightSums {
  const RecurrentBackward& call;
  const Layout& L;
  int parts;  // of the batch
  bool wantsGates, wantsProjection;
  float* sums;   // [part][block][K | bias][4 vectors]: dW, dU and db
  float* sumsR;  // [part][group of 4 vectors of H][P][4 vectors]

  WeightSums(const RecurrentBackward& call, const Layout& L) : call(call), L(L), parts(partsOfBatch()) {
    const RecurrentWeights& g = call.gradients;
    wantsGates = g.ih || g.hh || g.biasIh || g.biasHh;
    wantsProjection = L.projected && g.hr;
  }

  /** Lays the sums over `memory`, and returns the first float behind them. */
  float* place(float* memory) {
    sums = memory;
    sumsR = sums + parts * partFloats();
    return sumsR + (L.projected ? parts * partFloatsR() : 0);
  }

  /** Whether each thread adds nothing but what it wrote itself: the parts of a step that are its share of the batch. */
  bool keepsApart(const Team& team) const { return parts % team.count == 0; }

  void begin(const Team& team) const {
    for (int part = 0; part < parts; part++) {
      if (wantsGates)
        eachShare(part, team, [&](int block, int k0, int k1) {
          clear(sumsAt(part, block) + (Index)k0 * WIDTH, (Index)(k1 - k0) * WIDTH * sizeof(float));
        });
      if (!wantsProjection) continue;
      Slice share = shareOf(part, L.P, team);
      for (int g = 0; g < L.groups(); g++) clear(sumsRAt(part, g, share.first), (Index)share.length() * WIDTH * sizeof(float));
    }
  }

  /** Adds steps [s0, s1); dh [T][B][dhRow] where there is a projection. */
  void add(int s0, int s1, const float* dh, Index dhRow, const Team& team) const {
    for (int part = 0; part < parts; part++) {
      if (!hasShareOf(part, team)) continue;  // its rows may not be written yet
      Slice rows((s1 - s0) * L.B, part, parts);
      int zeroRows = wantsGates && s0 == 0 && startsFromZeros(Slice(L.B, part, parts)) ? L.B : 0;
      if (wantsGates) addGates(part, s0, rows, zeroRows, team);
      if (wantsProjection) addProjection(part, s0, rows, dh, dhRow, team);
    }
  }

  /** From the sums to the gradients, when all threads have added theirs. */
  void unpack(const Team& team) const {
    Slice blocks(L.blocks, team);
    for (int block = blocks.first; wantsGates && block < blocks.last; block++) {
      for (int part = 1; part < parts; part++) addTo(sumsAt(0, block), sumsAt(part, block), sumFloats());
      unpackBlock(block);
    }
    if (wantsProjection) unpackProjection(Slice(L.P, team));
  }

 private:
  /**
   * To read what another thread wrote, and to write over what another has read, takes many times as long as with what is one's own, so a thread
   * keeps to its parts if there are enough. The shape decides, so that the number of threads changes no bit.
   */
  int partsOfBatch() const {
    int count = 1;
    while (count < MOST_PARTS && L.B >= 2 * count * SEQUENCES_OF_PART) count *= 2;
    return partFloats() > FLOATS_OF_PART ? 1 : count;
  }

  Index sumFloats() const { return (Index)(L.K + 1) * WIDTH; }
  Index partFloats() const { return L.blocks * sumFloats(); }
  Index partFloatsR() const { return L.groups() * (Index)L.P * WIDTH; }
  float* sumsAt(int part, int block) const { return sums + part * partFloats() + block * sumFloats(); }
  float* sumsRAt(int part, int group, int row) const { return sumsR + part * partFloatsR() + ((Index)group * L.P + row) * WIDTH; }

  static void addTo(float* sum, const float* other, Index floats) {
    for (Index i = 0; i < floats; i += VL) store(sum + i, load(sum + i) + load(other + i));
  }

  bool hasShareOf(int part, const Team& team) const {
    return team.index * parts < (part + 1) * team.count && part * team.count < (team.index + 1) * parts;
  }

  /** Those of a part's n things that are a thread's, when the things of all parts are shared out one behind the other. */
  Slice shareOf(int part, int n, const Team& team) const {
    Slice share(parts * n, team);
    share.first = (int)smaller(n, larger(0, share.first - part * n));
    share.last = (int)smaller(n, larger(0, share.last - part * n));
    return share;
  }

  /** The share of a part's rows of dW, dU and db that is one thread's: counted through the blocks, a row by its vectors. */
  template <class Share>
  void eachShare(int part, const Team& team, Share each) const {
    int perBlock = L.K + 1, all = 0;
    for (int block = 0; block < L.blocks; block++) all += perBlock * L.vectorsOf(block);
    Slice share = shareOf(part, all, team);
    for (int block = 0, before = 0; block < L.blocks; block++) {
      int vectors = L.vectorsOf(block);
      int k0 = (int)larger(0, ceilDiv(share.first - before, vectors)), k1 = (int)smaller(perBlock, ceilDiv(share.last - before, vectors));
      if (k0 < k1) each(block, k0, k1);
      before += perBlock * vectors;
    }
  }

  /** Adds rows from step s0 on to dW, dU and db; the first so many start from states of zero. */
  void addGates(int part, int s0, Slice rows, int zeroRows, const Team& team) const {
    eachShare(part, team, [&](int block, int k0, int k1) {
      const float* gates = L.gatesAt(block, s0, 0);
      float* out = sumsAt(part, block);
      for (int i = 0; i < L.sideCount; i++) {
        const Side& side = L.sides[i];
        int first = (int)larger(k0, side.k0), last = (int)smaller(k1, side.k1);
        int vectors = L.vectorsOf(block, side.window), begin = side.window.first * L.gateStep(block);
        auto add = [&](int from, int to, int zeros) {
          if (from >= to) return;
          addSum(L.zAt(s0, 0) + from, L.zRow, gates + begin, WIDTH, rows, zeros, to - from, vectors, out + (Index)from * WIDTH + begin);
        };
        int split = zeroRows ? (int)larger(first, smaller(last, L.I)) : first;
        add(first, split, 0);
        add(split, last, zeroRows);
      }
      if (k1 == L.K + 1) addRows(gates, rows, L.vectorsOf(block), out + (Index)L.K * WIDTH);
    });
  }

  /** Whether the states before the first step are zero, and the gradients of its gates finite, of some sequences. */
  bool startsFromZeros(Slice of) const {
    bool finite = allZero(L.zAt(0, of.first) + L.I, of.length(), L.zRow, L.P);
    for (int block = 0; finite && block < L.blocks; block++)
      finite = allFinite(L.gatesAt(block, 0, of.first), of.length(), WIDTH, L.vectorsOf(block) * VL);
    return finite;
  }

  /** Rows in short sums, without the first so many of their chunk: each(first, length). */
  template <class Each>
  static void eachShortSum(Slice rows, int zeroRows, Each each) {
    int sums = ceilDiv(rows.length(), ROWS_OF_SUM);
    for (int i = 0; i < sums; i++) {
      Slice some(rows.length(), i, sums);
      int first = (int)larger(zeroRows, rows.first + some.first), last = rows.first + some.last;
      if (first < last) each(first, last - first);
    }
  }

  /** out [n][vectors] += Σ over rows of a[row][n] · b[row][vectors]; of a the first rows may be zeros. */
  static void addSum(const float* a, Index aStep, const float* b, Index bStep, Slice rows, int zeroRows, int n, int vectors, float* out) {
    Product p = {};
    p.aRow = 1;
    p.aStep = aStep;
    p.bStep = bStep;
    p.start = ZEROS;
    p.out = out;
    p.outRow = WIDTH;
    p.adds = true;
    eachShortSum(rows, zeroRows, [&](int first, int length) {
      p.a = a + first * aStep;
      p.b = b + first * bStep;
      p.length = length;
      product(p, n, vectors);
    });
  }

  /** out [vectors] += Σ over rows of gates. Terms of one sign lose most where they are added to much: what a chunk has is added up first. */
  static void addRows(const float* gates, Slice rows, int vectors, float* out) {
    float sum[WIDTH] __attribute__((aligned(64)));
    Product p = {};
    p.a = &ONE;
    p.bStep = WIDTH;
    p.start = ZEROS;
    p.out = sum;
    eachShortSum(rows, 0, [&](int first, int length) {
      p.b = gates + (Index)first * WIDTH;
      p.length = length;
      productSplit(p, 1, vectors);
      p.adds = true;
    });
    addTo(out, sum, vectors * VL);
  }

  /** dR += dhᵀ · m over rows from step s0 on. */
  void addProjection(int part, int s0, Slice rows, const float* dh, Index dhRow, const Team& team) const {
    Slice share = shareOf(part, L.P, team);
    for (int g = 0; g < L.groups(); g++)
      addSum(dh + (Index)s0 * L.B * dhRow + share.first, dhRow, L.mAt(s0, 0) + g * WIDTH, L.mRow, rows, 0, share.length(),
             vectorsOfGroup(L.H, g), sumsRAt(part, g, share.first));
  }

  /** From the sums in the order of blocks to gradients in the order of the weights. */
  void unpackBlock(int block) const {
    const float* from = sumsAt(0, block);
    const RecurrentWeights& out = call.gradients;
    int step = L.gateStep(block);
    for (int v = 0; v < 4; v++) {
      int lanes = L.lanesOf(block, v);
      if (v < L.xWindow.count) {
        Index row = L.rowOf(block, v, true);
        const float* sum = from + (L.xWindow.first + v) * step;
        if (out.ih) transpose(sum, WIDTH, out.ih + row * L.I, L.I, L.I, lanes);
        if (out.biasIh) copyBytes(out.biasIh + row, sum + (Index)L.K * WIDTH, lanes * sizeof(float));
      }
      if (v < L.hWindow.count) {
        Index row = L.rowOf(block, v, false);
        const float* sum = from + (L.hWindow.first + v) * step;
        if (out.hh) transpose(sum + (Index)L.I * WIDTH, WIDTH, out.hh + row * L.P, L.P, L.P, lanes);
        if (out.biasHh) copyBytes(out.biasHh + row, sum + (Index)L.K * WIDTH, lanes * sizeof(float));
      }
    }
  }

  void unpackProjection(Slice rows) const {
    for (int p = rows.first; p < rows.last; p++)
      for (int v = 0; v < L.vectors; v++) {
        Vec sum = load(sumsRAt(0, v / 4, p) + v % 4 * VL);
        for (int part = 1; part < parts; part++) sum += load(sumsRAt(part, v / 4, p) + v % 4 * VL);
        storePart(call.gradients.hr + (Index)p * L.H + v * VL, sum, L.H - v * VL);
      }
  }
};

}  // namespace REFRAIN_ISA
}  // namespace refrain
