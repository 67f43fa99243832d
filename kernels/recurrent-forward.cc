/**
 * A recurrent pass forward: per step one product, [x_s | h_s−1] · [W | U]ᵀ + b, whose results become gates and states while they
 * lie in the first-level cache; h_s is written straight into the next row of z.
 *
 * Threads share the batch and do not meet until the end.
 */
#include "cells.h"
#include "recurrent.h"
#include "transpose.h"
#include "zero-state.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

struct ForwardPass {
  const RecurrentForward& call;
  Layout L;
  float* flags;       // two before panels that are kept: for which length of vectors they are, 0 before they are there; whether U is finite
  float* panels;      // [block][bias | K rows][4 vectors]: the weights as the product reads them
  float* projection;  // [group of 4 vectors of P][H][vectors · VL]: Rᵀ
  float* scratch;     // [B][4 vectors]: sums, where k takes more than one go
  float* end;
  Index floatsOfPanels;  // with their flags, wherever they begin
  bool fromZeros = false;  // see zero-state.h

  explicit ForwardPass(const RecurrentForward& call) : call(call), L(call.shape) {
    float* memory = aligned(call.workspace);
    if (L.training)
      L.place(aligned(call.saved));
    else
      memory = L.place(memory);
    flags = call.panels;
    panels = flags ? aligned(flags + FLAGS) : memory;
    projection = panels + L.blocks * panelFloats();
    float* endOfPanels = projection + (L.projected ? ceilDiv(L.P, WIDTH) * (Index)L.H * WIDTH : 0);
    scratch = flags ? memory : endOfPanels;
    end = scratch + (Index)L.B * WIDTH;
    floatsOfPanels = FLAGS + 16 + (endOfPanels - panels);
  }

  static constexpr int FLAGS = 2;
  bool panelsAreThere() const { return flags && flags[0] == VB; }
  bool finiteU() const { return allFinite(call.weights.hh, 1, 0, (Index)L.G * L.H * L.P); }

  Index panelFloats() const { return (Index)(L.K + 1) * WIDTH; }
  /** Vectors side by side in a row of a block's panel. */
  int panelVectors(int block) const { return L.vectorsOf(block, L.xWindow); }
  int lengthOf(Index b) const { return call.lengths ? call.lengths[b] : L.T; }

  /** The panel of a block: its biases, then per k the weights of its lanes; zeros where a lane is beyond H. */
  void pack(int block) const {
    float* bias = panels + block * panelFloats();
    float* panel = bias + WIDTH;
    int step = L.gateStep(block), gates = L.isRnn() ? L.vectorsOf(block) : L.xWindow.count;
    Index row = panelVectors(block) * VL;
    clear(bias, WIDTH * sizeof(float));
    if (L.H < (block + 1) * (L.isRnn() ? WIDTH : VL)) clear(panel, L.K * row * sizeof(float));
    for (int v = 0; v < gates; v++) {
      int lanes = L.lanesOf(block, v);
      int rowOfX = L.rowOf(block, v, true), rowOfH = L.rowOf(block, v, false);
      transpose(call.weights.ih + (Index)rowOfX * L.I, L.I, panel + v * step, row, lanes, L.I);
      transpose(call.weights.hh + (Index)rowOfH * L.P, L.P, panel + L.I * row + v * step, row, lanes, L.P);
      if (call.weights.biasIh == nullptr) continue;
      float *ofX = bias + (L.xWindow.first + v) * step, *ofH = bias + (L.hWindow.first + v) * step;
      for (int l = 0; l < lanes; l++) {
        ofX[l] += call.weights.biasIh[rowOfX + l];
        ofH[l] += call.weights.biasHh[rowOfH + l];
      }
    }
  }

  void packProjection(int group) const {
    int vectors = (int)smaller(4, ceilDiv(L.P - group * WIDTH, VL)), row = vectors * VL;
    float* out = projection + (Index)group * L.H * WIDTH;
    int columns = (int)smaller(L.P - group * WIDTH, row);
    clear(out, (Index)L.H * row * sizeof(float));
    transpose(call.weights.hr + (Index)group * WIDTH * L.H, L.H, out, row, columns, L.H);
  }

  void begin(Slice rows) const {
    for (int b = rows.first; b < rows.last; b++) {
      float* h = L.zAt(0, b) + L.I;
      clear(h, (L.zRow - L.I) * sizeof(float));
      if (call.h0.data) copyBytes(h, call.h0.data + b * call.h0.batch, L.P * sizeof(float));
      if (!L.training) clear(L.zAt(1, b) + L.I, (L.zRow - L.I) * sizeof(float));
      if (L.cell != LSTM) continue;
      for (int v = 0; v < L.vectors; v++) {
        Vec c = call.c0.data ? loadPart(call.c0.data + b * call.c0.batch + v * VL, L.H - v * VL) : (Vec){};
        store(L.cAt(0, v, b), c);
      }
    }
  }

  void gatherX(int s, Slice rows) const {
    for (int b = rows.first; b < rows.last; b++) {
      const float* x = call.x.data + L.time(s, lengthOf(b)) * call.x.time + b * call.x.batch;
      float* z = L.zAt(s, b);
      if (s >= lengthOf(b))
        clear(z, L.I * sizeof(float));
      else
        for (int k = 0; k < L.I; k++) z[k] = x[k];
    }
  }

  /**
   * One step: sums, then cells. With few rows several blocks are summed before their cells, whose long chains of dependent
   * instructions then overlap.
   */
  void step(int s, Slice rows) const {
    int count = rows.last - rows.first;
    float local[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
    if (count <= ROWS_AT_ONCE) {
      int together = count > 0 ? ROWS_AT_ONCE / count : L.blocks, groups = ceilDiv(L.blocks, together);
      for (int i = 0; i < groups; i++) {
        int j0 = L.turn(i, groups, s) * together, j1 = (int)smaller(L.blocks, j0 + together);
        sumBlocks(s, j0, j1, rows.first, count, local);
        for (int j = j0; j < j1; j++) cell(s, j, rows.first, count, local + (j - j0) * count * WIDTH);
      }
      return;
    }
    bool inParts = L.K > K_AT_ONCE;
    int atOnce = inParts ? count : ROWS_AT_ONCE;
    for (int i = 0; i < L.blocks; i++)
      for (int b = rows.first; b < rows.last; b += atOnce) {
        int j = L.turn(i, L.blocks, s);
        int n = (int)smaller(atOnce, rows.last - b);
        float* sums = inParts ? scratch + (Index)b * WIDTH : local;
        sum(s, j, 1, b, n, sums);
        cell(s, j, b, n, sums);
      }
  }

  /** The sums of blocks j0 … j1 − 1, one behind the other; of a single sequence two whole blocks at a time. */
  void sumBlocks(int s, int j0, int j1, int b, int rows, float* sums) const {
    int whole = L.H / (L.isRnn() ? WIDTH : VL);
    int pairs = L.B == 1 ? ((int)smaller(whole, j1) - j0) / 2 : 0, others = j1 - j0 - 2 * pairs;
    for (int i = 0; i < pairs + others; i++) {
      int item = L.turn(i, pairs + others, s), j = item < pairs ? 2 * item : item + pairs;
      sum(s, j0 + j, item < pairs ? 2 : 1, b, rows, sums + (Index)j * rows * WIDTH);
    }
  }

  /** The sums of one block, or of two with a single row. */
  void sum(int s, int block, int blocks, int b, int rows, float* sums) const {
    const float* bias = panels + block * panelFloats();
    int vectors = panelVectors(block), gate = L.gateStep(block);
    Index row = vectors * VL;
    const float* start = bias;
    Index startRow = 0;
    for (int i = 0; i < L.sideCount; i++) {
      const Side& side = L.sides[i];
      if (i == 1)  // of a GRU: the sum over x does not reach the last gate, m, which is all h's
        for (int r = 0; r < rows * blocks; r++) store(sums + r * WIDTH + 3 * gate, load(bias + r / rows * panelFloats() + 3 * gate));
      int end = s == 0 && fromZeros ? (int)smaller(L.I, side.k1) : side.k1;
      int length = end - side.k0, parts = ceilDiv(length, K_AT_ONCE);
      for (int part = 0; part < parts; part++) {
        int k0 = side.k0 + (int)((Index)length * part / parts), k1 = side.k0 + (int)((Index)length * (part + 1) / parts);
        Product p = {};
        p.a = L.zAt(s, b) + k0;
        p.aRow = L.zRow;
        p.aStep = 1;
        p.b = bias + WIDTH + k0 * row;
        p.bStep = row;
        p.length = k1 - k0;
        p.start = start + side.window.first * gate;
        p.startRow = startRow;
        p.out = sums + side.window.first * gate;
        p.outRow = WIDTH;
        if (blocks == 2)
          productOfTwo(p, {panelFloats(), start == bias ? panelFloats() : WIDTH, WIDTH}, vectors);
        else if (L.B == 1)
          productSplit(p, rows, vectors);
        else
          product(p, rows, vectors);
        start = sums;
        startRow = WIDTH;
      }
    }
  }

  void cell(int s, int block, int b, int rows, const float* sums) const {
    float* gates = L.training ? L.gatesAt(block, s, b) : nullptr;
    int step = L.gateStep(block);
    if (L.cell == LSTM) {
      float* h = L.projected ? L.mAt(s, b) + block * VL : L.hAt(s, b) + block * VL;
      float* tanhC = L.training ? L.tanhCAt(s, block, b) : nullptr;
      // One row at a time: the cell waits for memory, where the saved gates go, and more at once make it wait longer.
      lstmForward<1>(rows, sums, WIDTH, step, gates, WIDTH, step, L.cAt(s, block, b), L.cAt(s + 1, block, b), tanhC, VL, h, L.projected ? L.mRow : L.zRow);
    } else if (L.cell == GRU) {
      gruForward(rows, sums, WIDTH, step, gates, WIDTH, step, L.zAt(s, b) + L.I + block * VL, L.hAt(s, b) + block * VL, L.zRow);
    } else {
      for (int v = 0; v < L.vectorsOf(block); v++)
        rnnForward(rows, L.cell == RNN_RELU, sums + v * VL, WIDTH, L.hAt(s, b) + block * WIDTH + v * VL, L.zRow);
    }
  }

  /** h_s = R m_s */
  void project(int s, Slice rows) const {
    for (int group = 0; group * WIDTH < L.P; group++) {
      int vectors = (int)smaller(4, ceilDiv(L.P - group * WIDTH, VL));
      Product p = {};
      p.a = L.mAt(s, rows.first);
      p.aRow = L.mRow;
      p.aStep = 1;
      p.b = projection + (Index)group * L.H * WIDTH;
      p.bStep = vectors * VL;
      p.length = L.H;
      p.start = ZEROS;
      p.out = L.hAt(s, rows.first) + group * WIDTH;
      p.outRow = L.zRow;
      product(p, rows.last - rows.first, vectors);
    }
  }

  /**
   * A sequence that has ended keeps its state. Its gates are saved as those that let the state pass (i = 0, f = 1, or z = 1), so that
   * backward lets the gradient pass without knowing.
   */
  void hold(int s, Slice rows) const {
    for (int b = rows.first; b < rows.last; b++) {
      if (s < lengthOf(b)) continue;
      copyBytes(L.hAt(s, b), L.zAt(s, b) + L.I, L.P * sizeof(float));
      for (int j = 0; j < L.blocks; j++) {
        // Without training c is garbage from here on: its last value was written out at the sequence's end.
        if (L.cell == LSTM && L.training) store(L.cAt(s + 1, j, b), load(L.cAt(s, j, b)));
        if (!L.training || L.isRnn()) continue;
        float* gates = L.gatesAt(j, s, b);
        clear(gates, WIDTH * sizeof(float));
        storePart(gates + (L.cell == LSTM ? 1 : 2) * L.gateStep(j), splat(1.0f), L.gateStep(j));
        if (L.cell == LSTM) store(L.tanhCAt(s, j, b), (Vec){});
      }
      if (L.projected) clear(L.mAt(s, b), L.H * sizeof(float));
    }
  }

  /** y of steps [s0, s1), sequence by sequence: its memory is cold, and comes faster in order. */
  void writeY(int s0, int s1, Slice rows) const {
    for (int b = rows.first; b < rows.last; b++) {
      int length = lengthOf(b);
      for (int s = s0; s < s1; s++) {
        float* y = call.y.data + L.time(s, length) * call.y.time + b * call.y.batch;
        if (s >= length)
          clear(y, L.P * sizeof(float));
        else
          copyBytes(y, L.hAt(s, b), L.P * sizeof(float));
        if (s == length - 1) writeLast(s, b);
      }
    }
  }

  /** The state after a sequence's last step. */
  void writeLast(int s, int b) const {
    if (call.hn.data) copyBytes(call.hn.data + b * call.hn.batch, L.hAt(s, b), L.P * sizeof(float));
    if (L.cell != LSTM || call.cn.data == nullptr) return;
    for (int v = 0; v < L.vectors; v++)
      storePart(call.cn.data + b * call.cn.batch + v * VL, load(L.cAt(s + 1, v, b)), L.H - v * VL);
  }

  /** Not asked of a single sequence, for which it costs what it saves. */
  bool startsFromZeros() const {
    if (L.B == 1) return false;
    bool zeros = call.h0.data == nullptr || allZero(call.h0.data, L.B, call.h0.batch, L.P);
    return zeros && (panelsAreThere() ? flags[1] != 0 : finiteU());
  }

  void packAll(const Team& team) const {
    Slice blocks(L.blocks, team);
    for (int j = blocks.first; j < blocks.last; j++) pack(j);
    if (!L.projected) return;
    Slice groups(ceilDiv(L.P, WIDTH), team);
    for (int g = groups.first; g < groups.last; g++) packProjection(g);
  }

  void run(const Team& team) {
    fromZeros = startsFromZeros();
    bool packs = !panelsAreThere();
    if (packs) packAll(team);
    Slice rows(L.B, team);
    begin(rows);
    team.meet();
    if (packs && flags && team.index == 0) {
      flags[0] = VB;
      flags[1] = finiteU();
    }
    int together = stepsOfY(L.training, L.B * L.zRow);
    for (int s = 0; s < L.T; s++) {
      gatherX(s, rows);
      step(s, rows);
      if (L.projected) project(s, rows);
      if (call.lengths) hold(s, rows);
      int gathered = s % together + 1;
      if (gathered == together || s == L.T - 1) writeY(s + 1 - gathered, s + 1, rows);
    }
  }
};

}  // namespace

void unitsForward(const RecurrentForward& call, const Team& team) { ForwardPass(call).run(team); }

/** Without those of the saved state, which backward knows. */
RecurrentSizes forwardSizes(const RecurrentShape& shape) {
  RecurrentForward call = {};
  call.shape = shape;
  ForwardPass pass(call);
  return {0, floatsBelow(pass.end) + 16, 0, shape.training ? 0 : (double)pass.floatsOfPanels};
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
