/**
 * A recurrent pass forward with sequences in the lanes: per step one product, A · [x_s | 1 | h_s−1], whose results become gates and states
 * while they lie in the first-level cache. Threads share the sequences and do not meet in the time loop.
 */
#include "cells.h"
#include "sequence-lanes.h"
#include "transpose.h"
#include "zero-state.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

struct LanesForward {
  const RecurrentForward& call;
  SequenceLanes L;
  float* end;
  bool fromZeros = false;  // see zero-state.h

  explicit LanesForward(const RecurrentForward& call) : call(call), L(call.shape) {
    end = L.place(aligned(L.training ? call.saved : call.workspace));
  }

  int lengthOf(Index b) const { return call.lengths ? call.lengths[b] : L.T; }

  void copyWeights(Slice rows) const {
    for (int r = rows.first; r < rows.last; r++) {
      int gate = r / L.H;
      Index from = (Index)L.gateOfWeights(gate) * L.H + r % L.H;
      const RecurrentWeights& w = call.weights;
      float* A = L.A + (Index)r * L.K;
      clear(A, L.K * sizeof(float));
      if (L.xReaches(gate)) copyBytes(A, w.ih + from * L.I, L.I * sizeof(float));
      if (L.hReaches(gate)) copyBytes(A + L.I + 1, w.hh + from * L.H, L.H * sizeof(float));
      if (w.biasIh && L.xReaches(gate)) A[L.I] = w.biasIh[from];
      if (w.biasHh && L.hReaches(gate)) A[L.I] += w.biasHh[from];
    }
  }

  /** [B, H] → [H][B], or zeros. */
  void initial(const States& from, float* to, const LaneShare& share) const {
    for (int u = 0; u < L.H; u++) clear(to + u * L.row + share.sequence, (share.last - share.first) * VL * sizeof(float));
    if (from.data)
      transpose(from.data + share.sequence * from.batch, from.batch, to + share.sequence, L.row, share.sequences, L.H);
  }

  void gatherX(int s, const LaneShare& share) const {
    Index lanes = (share.last - share.first) * VL;
    float* z = L.zAt(s) + share.sequence;
    if (lanes > share.sequences)
      for (int k = 0; k < L.I; k++) clear(z + k * L.row + lanes - VL, VL * sizeof(float));
    for (int l = 0; l < lanes; l++) z[L.I * L.row + l] = 1;
    const float* x = call.x.data + share.sequence * call.x.batch;
    if (call.lengths == nullptr) {
      transpose(x + L.time(s, L.T) * call.x.time, call.x.batch, z, L.row, share.sequences, L.I);
      return;
    }
    for (int b = 0; b < share.sequences; b++) {
      int length = lengthOf(share.sequence + b);
      const float* from = x + L.time(s, length) * call.x.time + b * call.x.batch;
      for (int k = 0; k < L.I; k++) z[k * L.row + b] = s < length ? from[k] : 0;
    }
  }

  void step(int s, int vector, int vectors) const {
    float sums[ROWS_AT_ONCE_OF_LANES * WIDTH] __attribute__((aligned(64)));
    Index lane = vector * VL;
    eachRun(L.H, ROWS_AT_ONCE_OF_LANES / L.G, [&](int unit, int units) {
      Index gate = units * WIDTH;
      for (int i = 0; i < L.sectionCount; i++) {
        const Section& section = L.sections[i];
        for (int g = section.gate; g < section.gate + section.gates; g++) {
          Product p = {};
          p.a = L.A + ((Index)g * L.H + unit) * L.K + section.k0;
          p.aRow = L.K;
          p.aStep = 1;
          p.b = L.zAt(s) + section.k0 * L.row + lane;
          p.bStep = L.row;
          p.length = (s == 0 && fromZeros ? (int)smaller(section.k1, L.I + 1) : section.k1) - section.k0;
          p.start = ZEROS;
          p.out = sums + g * gate;
          p.outRow = WIDTH;
          product(p, units, vectors);
        }
      }
      for (int v = 0; v < vectors; v++) cell(s, unit, units, lane + v * VL, sums + v * VL, gate);
    });
  }

  void cell(int s, int unit, int units, Index lane, float* sums, Index gate) const {
    Index at = unit * L.row + lane;
    float* h = L.hAt(s + 1) + at;
    float* gates = L.training ? L.gatesAt(s) + at : nullptr;
    if (L.cell == LSTM)
      lstmForward<ROWS_ABREAST>(units, sums, WIDTH, gate, gates, L.row, L.H * L.row, L.cAt(s) + at, L.cAt(s + 1) + at,
                  L.training ? L.tanhCAt(s) + at : nullptr, L.row, h, L.row);
    else if (L.cell == GRU)
      gruForward(units, sums, WIDTH, gate, gates, L.row, L.H * L.row, L.hAt(s) + at, h, L.row);
    else
      rnnForward(units, L.cell == RNN_RELU, sums, WIDTH, h, L.row);
  }

  /** A sequence that has ended keeps its state, and its gates are those that let the state pass: see recurrent-forward.cc. */
  void hold(int s, const LaneShare& share) const {
    for (int v = share.first; v < share.last; v++) {
      int32_t lengths[VL];
      bool anyEnded = false;
      for (int l = 0; l < VL; l++) {
        lengths[l] = v * VL + l < L.B ? call.lengths[v * VL + l] : L.T;
        anyEnded |= s >= lengths[l];
      }
      if (!anyEnded) continue;
      IntVec length;
      copyBytes(&length, lengths, sizeof length);
      IntVec ended = length <= s;
      const Vec zero = {}, one = splat(1.0f);
      for (int u = 0; u < L.H; u++) {
        Index at = u * L.row + v * VL, gate = L.H * L.row;
        auto keep = [&](float* now, Vec value) { store(now, select(ended, value, load(now))); };
        keep(L.hAt(s + 1) + at, load(L.hAt(s) + at));
        if (L.cell == LSTM) keep(L.cAt(s + 1) + at, load(L.cAt(s) + at));
        if (!L.training || L.isRnn()) continue;
        float* gates = L.gatesAt(s) + at;
        for (int g = 0; g < 4; g++) keep(gates + g * gate, g == (L.cell == LSTM ? 1 : 2) ? one : zero);
        if (L.cell == LSTM) keep(L.tanhCAt(s) + at, zero);
      }
    }
  }

  /** y of steps [s0, s1), sequence by sequence: its memory is cold, and comes faster in order. */
  void writeY(int s0, int s1, const LaneShare& share) const {
    for (int l = 0; l < share.sequences; l += VL) {
      int first = share.sequence + l, sequences = (int)smaller(VL, share.sequences - l);
      float* y = call.y.data + first * call.y.batch;
      for (int s = s0; s < s1; s++) {
        const float* h = L.hAt(s + 1) + first;
        if (call.lengths == nullptr) {
          transpose(h, L.row, y + L.time(s, L.T) * call.y.time, call.y.batch, L.H, sequences);
          continue;
        }
        for (int b = 0; b < sequences; b++) {
          int length = lengthOf(first + b);
          float* to = y + L.time(s, length) * call.y.time + b * call.y.batch;
          for (int u = 0; u < L.H; u++) to[u] = s < length ? h[u * L.row + b] : 0;
        }
      }
    }
  }

  void writeLast(const float* from, const States& to, const LaneShare& share) const {
    if (to.data) transpose(from + share.sequence, L.row, to.data + share.sequence * to.batch, to.batch, L.H, share.sequences);
  }

  bool startsFromZeros() const {
    bool zeros = call.h0.data == nullptr || allZero(call.h0.data, L.B, call.h0.batch, L.H);
    return zeros && allFinite(call.weights.hh, 1, 0, (Index)L.gatesOfWeights() * L.H * L.H);
  }

  void run(const Team& team) {
    fromZeros = startsFromZeros();
    LaneShare share(L, team);
    copyWeights(Slice(L.rows, team));
    initial(call.h0, L.hAt(0), share);
    if (L.cell == LSTM) initial(call.c0, L.cAt(0), share);
    team.meet();
    int together = stepsOfY(L.training, L.H * L.row);
    for (int s = 0; s < L.T; s++) {
      gatherX(s, share);
      eachGroup(share, [&](int vector, int vectors) { step(s, vector, vectors); });
      if (call.lengths) hold(s, share);
      int gathered = s % together + 1;
      if (gathered == together || s == L.T - 1) writeY(s + 1 - gathered, s + 1, share);
    }
    writeLast(L.hAt(L.T), call.hn, share);
    if (L.cell == LSTM) writeLast(L.cAt(L.T), call.cn, share);
  }
};

}  // namespace

void lanesForward(const RecurrentForward& call, const Team& team) { LanesForward(call).run(team); }

}  // namespace REFRAIN_ISA
}  // namespace refrain
