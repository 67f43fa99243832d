/**
 * A recurrent pass backward with sequences in the lanes; the formulas are those of recurrent-backward.cc.
 *
 *   dh_s = Uᵀ · dgates_s+1 + dy_s, and in its epilogue dgates_s in the place of the saved gates;  dx_s = Wᵀ · dgates_s
 *   after every few steps  [dW | db | dU] += dgates · [x | 1 | h]ᵀ, inner products along the sequences
 *
 * Threads share the sequences in the steps and the rows of dW, and meet between the two.
 */
#include "cells.h"
#include "inner-products.h"
#include "sequence-lanes.h"
#include "transpose.h"
#include "zero-state.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

/** Vectors of steps and sequences that gather before dW is brought up to date: few enough for the cache, many against a sum of lanes. */
constexpr int VECTORS_OF_CHUNK = 96;

struct LanesBackward {
  const RecurrentBackward& call;
  SequenceLanes L;
  float* carried;   // [H][B]: dc of an LSTM, the direct part of dh of a GRU
  float* incoming;  // [H][B]: what reaches h of a step from outside
  float* end;
  bool wantsWeights;

  explicit LanesBackward(const RecurrentBackward& call) : call(call), L(call.shape) {
    L.place(aligned(call.saved));
    carried = aligned(call.workspace);
    incoming = carried + L.H * L.row;
    end = incoming + L.H * L.row;
    const RecurrentWeights& g = call.gradients;
    wantsWeights = g.ih || g.hh || g.biasIh || g.biasHh;
  }

  int lengthOf(Index b) const { return call.lengths ? call.lengths[b] : L.T; }

  void clearLanes(float* rows, const LaneShare& share) const {
    for (int u = 0; u < L.H; u++) clear(rows + u * L.row + share.sequence, (share.last - share.first) * VL * sizeof(float));
  }

  void begin(const LaneShare& share) const {
    clearLanes(carried, share);
    clearLanes(incoming, share);
    const States& from = L.cell == LSTM ? call.dcn : call.dhn;
    if (from.data && !L.isRnn())
      transpose(from.data + share.sequence * from.batch, from.batch, carried + share.sequence, L.row, share.sequences, L.H);
  }

  /** Gathers dy of step s, and dhn where a sequence ends there; whether there is any. A GRU carries dhn. */
  bool gatherIncoming(int s, const LaneShare& share) const {
    const bool addsLast = call.dhn.data && L.cell != GRU;
    float* to = incoming + share.sequence;
    const float* dy = call.dy.data + share.sequence * call.dy.batch;
    const float* dhn = call.dhn.data + share.sequence * call.dhn.batch;
    if (call.lengths == nullptr) {
      const bool last = addsLast && s == L.T - 1;
      if (call.dy.data)
        transpose(dy + L.time(s, L.T) * call.dy.time, call.dy.batch, to, L.row, share.sequences, L.H);
      else if (last)
        transpose(dhn, call.dhn.batch, to, L.row, share.sequences, L.H);
      if (call.dy.data && last)
        for (int b = 0; b < share.sequences; b++)
          for (int u = 0; u < L.H; u++) to[u * L.row + b] += dhn[b * call.dhn.batch + u];
      return call.dy.data || last;
    }
    for (int b = 0; b < share.sequences; b++) {
      int length = lengthOf(share.sequence + b);
      const float* row = call.dy.data && s < length ? dy + L.time(s, length) * call.dy.time + b * call.dy.batch : nullptr;
      const float* last = addsLast && s == length - 1 ? dhn + b * call.dhn.batch : nullptr;
      for (int u = 0; u < L.H; u++) to[u * L.row + b] = (row ? row[u] : 0) + (last ? last[u] : 0);
    }
    return true;
  }

  /** out [features][vectors] = the columns of A from `column` on, transposed, times the gradients of some gates. */
  void gateSums(const float* gates, int gate, int gateCount, int column, int columns, Index lane, int vectors, float* out) const {
    Product p = {};
    p.a = L.A + (Index)gate * L.H * L.K + column;
    p.aRow = 1;
    p.aStep = L.K;
    p.b = gates + (Index)gate * L.H * L.row + lane;
    p.bStep = L.row;
    p.length = gateCount * L.H;
    p.start = ZEROS;
    p.out = out;
    p.outRow = WIDTH;
    product(p, columns, vectors);
  }

  void step(int s, int vector, int vectors, bool hasIncoming) const {
    float sums[ROWS_AT_ONCE_OF_LANES * WIDTH] __attribute__((aligned(64)));
    Index lane = vector * VL;
    eachRun(L.H, ROWS_AT_ONCE_OF_LANES, [&](int unit, int units) {
      if (s + 1 < L.T)
        gateSums(L.gatesAt(s + 1), L.hGate, L.hGates, L.I + 1 + unit, units, lane, vectors, sums);
      else
        clear(sums, units * WIDTH * sizeof(float));
      for (int v = 0; v < vectors; v++) cell(s, unit, units, lane + v * VL, sums + v * VL, hasIncoming);
    });
  }

  void cell(int s, int unit, int units, Index lane, const float* sums, bool hasIncoming) const {
    Index at = unit * L.row + lane, gate = L.H * L.row;
    float* gates = L.gatesAt(s) + at;
    auto dhOf = [&](int u) {
      Vec value = load(sums + u * WIDTH);
      return hasIncoming ? value + load(incoming + at + u * L.row) : value;
    };
    if (L.cell == LSTM) {
      const float *c = L.cAt(s) + at, *tanhC = L.tanhCAt(s) + at;
      for (int u = 0; u < units; u++) {
        Index row = u * L.row;
        lstmBackward(gate, dhOf(u), c + row, tanhC + row, carried + at + row, gates + row);
      }
    } else if (L.cell == GRU) {
      const float* h = L.hAt(s) + at;
      for (int u = 0; u < units; u++) {
        float* direct = carried + at + u * L.row;
        gruBackward(gate, dhOf(u) + load(direct), h + u * L.row, direct, gates + u * L.row);
      }
    } else {
      const float* h = L.hAt(s + 1) + at;
      for (int u = 0; u < units; u++) rnnBackward(dhOf(u), L.cell == RNN_RELU, h + u * L.row, gates + u * L.row);
    }
  }

  void writeDx(int s, int vector, int vectors) const {
    float sums[ROWS_AT_ONCE_OF_LANES * WIDTH] __attribute__((aligned(64)));
    int sequence = vector * VL, sequences = (int)smaller(vectors * VL, L.B - sequence);
    eachRun(L.I, ROWS_AT_ONCE_OF_LANES, [&](int column, int columns) {
      gateSums(L.gatesAt(s), L.xGate, L.xGates, column, columns, sequence, vectors, sums);
      float* dx = call.dx.data + sequence * call.dx.batch + column;
      if (call.lengths == nullptr && !call.accumulateDx) {
        transpose(sums, WIDTH, dx + L.time(s, L.T) * call.dx.time, call.dx.batch, columns, sequences);
        return;
      }
      for (int b = 0; b < sequences; b++) {
        float* out = dx + L.time(s, lengthOf(sequence + b)) * call.dx.time + b * call.dx.batch;
        for (int k = 0; k < columns; k++) out[k] = (call.accumulateDx ? out[k] : 0) + sums[k * WIDTH + b];
      }
    });
  }

  /** dh0 and dc0: what the first step hands back. */
  void writeInitial(const LaneShare& share) const {
    if (call.dh0.data)
      eachGroup(share, [&](int vector, int vectors) {
        float sums[ROWS_AT_ONCE_OF_LANES * WIDTH] __attribute__((aligned(64)));
        int sequence = vector * VL, sequences = (int)smaller(vectors * VL, L.B - sequence);
        eachRun(L.H, ROWS_AT_ONCE_OF_LANES, [&](int unit, int units) {
          gateSums(L.gatesAt(0), L.hGate, L.hGates, L.I + 1 + unit, units, sequence, vectors, sums);
          if (L.cell == GRU)
            for (int u = 0; u < units; u++)
              for (int l = 0; l < vectors * VL; l += VL)
                store(sums + u * WIDTH + l, load(sums + u * WIDTH + l) + load(carried + (unit + u) * L.row + sequence + l));
          transpose(sums, WIDTH, call.dh0.data + sequence * call.dh0.batch + unit, call.dh0.batch, units, sequences);
        });
      });
    if (L.cell == LSTM && call.dc0.data)
      transpose(carried + share.sequence, L.row, call.dc0.data + share.sequence * call.dc0.batch, call.dc0.batch, L.H, share.sequences);
  }

  /** Adds steps [s0, s1) to dW, dU and db, or begins them. */
  void addWeights(int s0, int s1, const Team& team) const {
    bool fromZeros = s0 == 0 && startsFromZeros();
    for (int i = 0; i < L.sectionCount; i++) {
      const Section& section = L.sections[i];
      Slice tiles(ceilDiv(section.gates * L.H, ROWS_OF_INNER), team);
      int all = section.gates * L.H, n = ceilDiv(all, ROWS_OF_INNER);
      for (int t = tiles.first; t < tiles.last; t++) {
        int first = (int)((Index)all * t / n), rows = (int)((Index)all * (t + 1) / n) - first;
        int row = section.gate * L.H + first;
        auto add = [&](int k0, int k1, int from) {
          eachRun(k1 - k0, ROWS_OF_INNER, [&](int k, int columns) {
            float sums[MOST_OF_INNER];
            InnerProducts p = {L.gatesAt(from) + row * L.row, L.rows * L.row, L.row,     L.zAt(from) + (k0 + k) * L.row,
                               L.K * L.row,                   L.row,          s1 - from, L.B};
            innerProducts(p, rows, columns, sums);
            for (int r = 0; r < rows; r++) addRow(row + r, k0 + k, columns, sums + r * columns, s1 == L.T);
          });
        };
        int split = fromZeros ? (int)smaller(section.k1, L.I + 1) : section.k0;
        add(section.k0, split, s0);
        add(split, section.k1, fromZeros ? 1 : s0);
      }
    }
  }

  /** Whether the states before the first step are zero, and the gradients of its gates finite. */
  bool startsFromZeros() const {
    return allZero(L.hAt(0), L.H, L.row, L.B) && allFinite(L.gatesAt(0), L.rows, L.row, L.B);
  }

  /** Part of a row of [dW | db | dU], from column k on. */
  void addRow(int row, int k, int columns, const float* values, bool isFirst) const {
    const RecurrentWeights& g = call.gradients;
    int gate = row / L.H;
    Index to = (Index)L.gateOfWeights(gate) * L.H + row % L.H;
    auto add = [&](float* gradients, int first, int last) {
      for (int i = (int)larger(first, k); gradients && i < smaller(last, k + columns); i++)
        gradients[i - first] = isFirst ? values[i - k] : gradients[i - first] + values[i - k];
    };
    add(g.ih ? g.ih + to * L.I : nullptr, 0, L.I);
    add(g.hh ? g.hh + to * L.H : nullptr, L.I + 1, L.K);
    if (L.xReaches(gate)) add(g.biasIh ? g.biasIh + to : nullptr, L.I, L.I + 1);
    if (L.hReaches(gate)) add(g.biasHh ? g.biasHh + to : nullptr, L.I, L.I + 1);
  }

  void run(const Team& team) const {
    LaneShare share(L, team);
    begin(share);
    for (int s = L.T - 1, end = L.T; s >= 0; s--) {
      bool hasIncoming = gatherIncoming(s, share);
      eachGroup(share, [&](int vector, int vectors) {
        step(s, vector, vectors, hasIncoming);
        if (call.dx.data) writeDx(s, vector, vectors);
      });
      if (!wantsWeights || ((end - s) * L.vectors < VECTORS_OF_CHUNK && s > 0)) continue;
      team.meet();
      addWeights(s, end, team);
      end = s;
    }
    writeInitial(share);
  }
};

}  // namespace

void lanesBackward(const RecurrentBackward& call, const Team& team) { LanesBackward(call).run(team); }

/** Of a pass with sequences in the lanes. */
RecurrentSizes lanesSizes(const RecurrentShape& shape) {
  RecurrentBackward call = {};
  call.shape = shape;
  SequenceLanes L(shape);
  double pass = floatsBelow(L.place(nullptr)) + 16, workspace = floatsBelow(LanesBackward(call).end) + 16;
  double kept = L.isRnn() ? floatsBelow(L.gates) + 16 : pass;
  return shape.training ? RecurrentSizes{pass, workspace, kept, 0} : RecurrentSizes{0, pass, 0, 0};
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
