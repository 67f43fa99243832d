/**
 * The gradients of a pass's weights, as sums that grow while it goes back: after every few steps, for their steps together,
 *
 *   [dW | dU] += dgatesᵀ · [x | h]            one product, as x and h share a row of z
 *   db        += Σ dgates
 *   dR        += dhᵀ · m                      with a projection
 *
 * Threads share the weights, so that each sum has one order.
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

struct WeightSums {
  const RecurrentBackward& call;
  const Layout& L;
  bool wantsGates, wantsProjection;
  float* sums;   // [block][K | bias][4 vectors]: dW, dU and db
  float* sumsR;  // [group of 4 vectors of H][P][4 vectors]

  WeightSums(const RecurrentBackward& call, const Layout& L) : call(call), L(L) {
    const RecurrentWeights& g = call.gradients;
    wantsGates = g.ih || g.hh || g.biasIh || g.biasHh;
    wantsProjection = L.projected && g.hr;
  }

  /** Lays the sums over `memory`, and returns the first float behind them. */
  float* place(float* memory) {
    sums = memory;
    sumsR = sums + L.blocks * sumFloats();
    return sumsR + (L.projected ? L.groups() * (Index)L.P * WIDTH : 0);
  }

  void begin(const Team& team) const {
    if (wantsGates)
      eachShare(team, [&](int block, int k0, int k1) {
        clear(sums + block * sumFloats() + (Index)k0 * WIDTH, (Index)(k1 - k0) * WIDTH * sizeof(float));
      });
    if (!wantsProjection) return;
    Slice share(L.P, team);
    for (int g = 0; g < L.groups(); g++)
      clear(sumsR + ((Index)g * L.P + share.first) * WIDTH, (Index)(share.last - share.first) * WIDTH * sizeof(float));
  }

  /** Adds steps [s0, s1); dh [T][B][dhRow] where there is a projection. */
  void add(int s0, int s1, const float* dh, Index dhRow, const Team& team) const {
    if (wantsGates) addGates(s0, s1, team);
    if (wantsProjection) addProjection(s0, s1, dh, dhRow, team);
  }

  /** From the sums to the gradients, when all threads have added theirs. */
  void unpack(const Team& team) const {
    Slice blocks(L.blocks, team);
    if (wantsGates)
      for (int j = blocks.first; j < blocks.last; j++) unpackBlock(j);
    if (wantsProjection) unpackProjection(Slice(L.P, team));
  }

 private:
  Index sumFloats() const { return (Index)(L.K + 1) * WIDTH; }

  /** The share of all rows of dW, dU and db that is one thread's: counted through the blocks, a row by its vectors. */
  template <class Part>
  void eachShare(const Team& team, Part part) const {
    int perBlock = L.K + 1, all = 0;
    for (int block = 0; block < L.blocks; block++) all += perBlock * L.vectorsOf(block);
    Slice share(all, team);
    for (int block = 0, before = 0; block < L.blocks; block++) {
      int vectors = L.vectorsOf(block);
      int k0 = (int)larger(0, ceilDiv(share.first - before, vectors)), k1 = (int)smaller(perBlock, ceilDiv(share.last - before, vectors));
      if (k0 < k1) part(block, k0, k1);
      before += perBlock * vectors;
    }
  }

  /** Adds steps [s0, s1) to dW, dU and db. */
  void addGates(int s0, int s1, const Team& team) const {
    int rows = (s1 - s0) * L.B, zeroRows = s0 == 0 && startsFromZeros() ? L.B : 0;
    eachShare(team, [&](int block, int k0, int k1) {
      const float* gates = L.gatesAt(block, s0, 0);
      float* out = sums + block * sumFloats();
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

  /** Whether the states before the first step are zero, and the gradients of its gates finite. */
  bool startsFromZeros() const {
    bool finite = allZero(L.zAt(0, 0) + L.I, L.B, L.zRow, L.P);
    for (int block = 0; finite && block < L.blocks; block++) finite = allFinite(L.gatesAt(block, 0, 0), L.B, WIDTH, L.vectorsOf(block) * VL);
    return finite;
  }

  /** The rows of a chunk in short sums, of which the first so many are left out: part(first, last). */
  template <class Part>
  static void eachShortSum(int rows, int zeroRows, Part part) {
    int parts = ceilDiv(rows, ROWS_OF_SUM);
    for (int i = 0; i < parts; i++) {
      int first = (int)larger(zeroRows, (Index)rows * i / parts), last = (int)((Index)rows * (i + 1) / parts);
      if (first < last) part(first, last);
    }
  }

  /** out [n][vectors] += Σ over rows of a[row][n] · b[row][vectors]; of a the first rows may be zeros. */
  void addSum(const float* a, Index aStep, const float* b, Index bStep, int rows, int zeroRows, int n, int vectors, float* out) const {
    Product p = {};
    p.aRow = 1;
    p.aStep = aStep;
    p.bStep = bStep;
    p.start = ZEROS;
    p.out = out;
    p.outRow = WIDTH;
    p.adds = true;
    eachShortSum(rows, zeroRows, [&](int first, int last) {
      p.a = a + first * aStep;
      p.b = b + first * bStep;
      p.length = last - first;
      product(p, n, vectors);
    });
  }

  /** out [vectors] += Σ over rows of gates. Terms of one sign lose most where they are added to much: what a chunk has is added up first. */
  void addRows(const float* gates, int rows, int vectors, float* out) const {
    float sum[WIDTH] __attribute__((aligned(64)));
    Product p = {};
    p.a = &ONE;
    p.bStep = WIDTH;
    p.start = ZEROS;
    p.out = sum;
    eachShortSum(rows, 0, [&](int first, int last) {
      p.b = gates + (Index)first * WIDTH;
      p.length = last - first;
      productSplit(p, 1, vectors);
      p.adds = true;
    });
    for (int v = 0; v < vectors * VL; v += VL) store(out + v, load(out + v) + load(sum + v));
  }

  /** dR += dhᵀ · m over steps [s0, s1). */
  void addProjection(int s0, int s1, const float* dh, Index dhRow, const Team& team) const {
    Slice share(L.P, team);
    for (int g = 0; g < L.groups(); g++)
      addSum(dh + (Index)s0 * L.B * dhRow + share.first, dhRow, L.mAt(s0, 0) + g * WIDTH, L.mRow, (s1 - s0) * L.B, 0,
             share.last - share.first, vectorsOfGroup(L.H, g), sumsR + ((Index)g * L.P + share.first) * WIDTH);
  }

  /** From the sums in the order of blocks to gradients in the order of the weights. */
  void unpackBlock(int block) const {
    const float* from = sums + block * sumFloats();
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
      for (int v = 0; v < L.vectors; v++)
        storePart(call.gradients.hr + (Index)p * L.H + v * VL, load(sumsR + ((Index)(v / 4) * L.P + p) * WIDTH + v % 4 * VL), L.H - v * VL);
  }
};

}  // namespace REFRAIN_ISA
}  // namespace refrain
