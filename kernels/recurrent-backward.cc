/**
 * A recurrent pass backward. From the last step to the first,
 *
 *   dh_s     = dgates_s+1 · U + dy_s          a product, and in its epilogue
 *   dgates_s   in the place of the saved gates
 *
 * and after every few steps, while those gates are still in the cache, for their steps together the gradients of the weights
 * (weight-sums.h) and dx = dgates · W. With a projection dh_s is first gathered as rows, and dh_s · R takes its place.
 *
 * Threads share the batch in the steps and the sums of the weights in dW; they meet between the two, unless each adds what it wrote itself.
 */
#include "cells.h"
#include "recurrent.h"
#include "weight-sums.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

/** `vectors` of columns of `source` [·, columns] from column `from` on, with the rows in the order in which the gates lie in a row of all blocks. */
void packGateRows(const Layout& L, const float* source, int columns, int from, int vectors, bool ofX, float* out) {
  const Window& window = ofX ? L.xWindow : L.hWindow;
  int width = vectors * VL, wanted = (int)smaller(width, columns - from);
  for (int block = 0; block < L.blocks; block++)
    for (int v = 0; v < window.count; v++) {
      const float* row = source + (Index)L.rowOf(block, v, ofX) * columns + from;
      for (int l = 0; l < L.lanesOf(block, v); l++, row += columns, out += width)
        for (int c = 0; c < width; c += VL) store(out + c, c < wanted ? loadPart(row + c, wanted - c) : (Vec){});
    }
}

struct BackwardPass {
  const RecurrentBackward& call;
  Layout L;
  WeightSums weights;
  float* panelsU;  // [group of 4 vectors of P][G·H][vectors · VL]
  float* panelsW;  // [group of 4 vectors of I][G·H][vectors · VL]
  float* panelsR;  // [group of 4 vectors of H][P][vectors · VL]
  float* carried;  // [vector][B][VL]: dc of an LSTM, the direct part of dh of a GRU
  float* scratch;  // [B][4 vectors]
  float* incoming; // [B][P | pad]: dy of a step where it is not used in place
  float* dh;       // [T][B][P | pad]: with a projection
  float* end;
  Index dhRow;

  explicit BackwardPass(const RecurrentBackward& call) : call(call), L(call.shape), weights(call, L) {
    L.place(aligned(call.saved));
    Index rows = lines((Index)L.G * L.H * WIDTH);
    dhRow = oddLines(ceilDiv(L.P, VL) * VL);
    panelsU = aligned(call.workspace);
    panelsW = panelsU + ceilDiv(L.P, WIDTH) * rows;
    panelsR = panelsW + ceilDiv(L.I, WIDTH) * rows;
    carried = weights.place(panelsR + (L.projected ? L.groups() * (Index)L.P * WIDTH : 0));
    scratch = carried + lines((Index)L.vectors * L.B * VL);
    incoming = scratch + (Index)L.B * WIDTH;
    dh = incoming + L.B * dhRow;
    end = dh + (L.projected ? (Index)L.T * L.B * dhRow : 0);
  }

  Index panelFloats() const { return lines((Index)L.G * L.H * WIDTH); }
  int lengthOf(Index b) const { return call.lengths ? call.lengths[b] : L.T; }

  void pack(const Team& team) const {
    Slice u(ceilDiv(L.P, WIDTH), team), w(ceilDiv(L.I, WIDTH), team), r(L.groups(), team);
    for (int g = u.first; g < u.last; g++)
      packGateRows(L, call.weights.hh, L.P, g * WIDTH, vectorsOfGroup(L.P, g), false, panelsU + g * panelFloats());
    if (call.dx.data)
      for (int g = w.first; g < w.last; g++)
        packGateRows(L, call.weights.ih, L.I, g * WIDTH, vectorsOfGroup(L.I, g), true, panelsW + g * panelFloats());
    if (!L.projected) return;
    for (int g = r.first; g < r.last; g++) {
      int width = vectorsOfGroup(L.H, g) * VL;
      float* out = panelsR + (Index)g * L.P * WIDTH;
      for (int p = 0; p < L.P; p++, out += width)
        for (int c = 0; c < width; c += VL)
          store(out + c, loadPart(call.weights.hr + (Index)p * L.H + g * WIDTH + c, larger(0, L.H - g * WIDTH - c)));
    }
  }

  /** What reaches the state after the last step from outside. */
  void begin(Slice rows) const {
    if (L.isRnn()) return;
    const States& from = L.cell == LSTM ? call.dcn : call.dhn;
    for (int v = 0; v < L.vectors; v++)
      for (int b = rows.first; b < rows.last; b++)
        store(carriedAt(v, b), from.data ? loadPart(from.data + b * from.batch + v * VL, L.H - v * VL) : (Vec){});
  }

  float* carriedAt(int vector, Index b) const { return carried + ((Index)vector * L.B + b) * VL; }

  /** Blocks of gates that one go of the sum over them takes. */
  int blocksAtOnce(const Window& window) const {
    int width = window.count * VL;
    return L.blocks * width <= 2 * K_AT_ONCE * 2 / 3 ? L.blocks : (int)larger(1, K_AT_ONCE * 2 / 3 / width);
  }

  /** out [rows][vectors] = start + the gates of some blocks · a panel of U or W; `gates` is those of block 0. */
  void gateProduct(const float* gates, int rows, bool ofX, const float* panel, int vectors, int block0, int block1, const float* start,
                   Index startRow, float* out) const {
    const Window& window = ofX ? L.xWindow : L.hWindow;
    int full = L.H / (L.isRnn() ? WIDTH : VL), width = window.count * VL;
    Product p = {};
    p.aRow = WIDTH;
    p.aStep = 1;
    p.bStep = vectors * VL;
    p.start = start;
    p.startRow = startRow;
    p.out = out;
    p.outRow = WIDTH;
    int last = (int)smaller(full, block1);
    if (last > block0) {
      p.a = gates + block0 * L.gatesBlock + window.first * VL;
      p.segments = last - block0;
      p.aSegment = L.gatesBlock;
      p.length = width;
      p.b = panel + (Index)block0 * width * p.bStep;
      run(p, rows, vectors);
      p.start = out;
      p.startRow = WIDTH;
    }
    if (block1 > full) {  // the last block, with fewer hidden units than lanes
      int units = L.H - full * (L.isRnn() ? WIDTH : VL);
      p.a = gates + full * L.gatesBlock + window.first * units;
      p.b = panel + (Index)full * width * p.bStep;
      p.segments = 1;
      p.length = L.isRnn() ? units : window.count * units;
      run(p, rows, vectors);
    }
  }

  void run(const Product& p, int rows, int vectors) const {
    if (L.B == 1)
      productSplit(p, rows, vectors);
    else
      product(p, rows, vectors);
  }

  /** The whole sum over gates, in as many goes as the cache asks for. */
  void gateSums(const float* gates, int rows, bool ofX, const float* panel, int vectors, float* out) const {
    int step = blocksAtOnce(ofX ? L.xWindow : L.hWindow);
    for (int block = 0; block < L.blocks; block += step)
      gateProduct(gates, rows, ofX, panel, vectors, block, (int)smaller(L.blocks, block + step), block ? out : ZEROS, block ? WIDTH : 0, out);
  }

  /** dy of step s as rows, from where it lies or gathered. */
  Steps incomingAt(int s, Slice rows) const {
    bool addsLast = call.dhn.data && L.cell != GRU && (call.lengths || s == L.T - 1);
    if (call.lengths == nullptr && !addsLast) {
      if (call.dy.data == nullptr) return {nullptr, 0, 0};
      return {call.dy.data + L.time(s, L.T) * call.dy.time, 0, call.dy.batch};
    }
    for (int b = rows.first; b < rows.last; b++) {
      float* row = incoming + b * dhRow;
      int length = lengthOf(b);
      if (call.dy.data && s < length)
        copyBytes(row, call.dy.data + L.time(s, length) * call.dy.time + b * call.dy.batch, L.P * sizeof(float));
      else
        clear(row, L.P * sizeof(float));
      if (addsLast && s == length - 1)
        for (int p = 0; p < L.P; p++) row[p] += call.dhn.data[b * call.dhn.batch + p];
    }
    return {incoming, 0, dhRow};
  }

  /** With a projection: the rows of dh_s, which go into dR and, times R, on to the gates. */
  void gatherDh(int s, Slice rows) const {
    Steps dy = incomingAt(s, rows);
    for (int g = 0; g * WIDTH < L.P; g++) {
      int vectors = vectorsOfGroup(L.P, g);
      for (int b = rows.first; b < rows.last; b += ROWS_AT_ONCE) {
        int n = (int)smaller(ROWS_AT_ONCE, rows.last - b);
        float local[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
        if (s + 1 < L.T)
          gateSums(L.gatesAt(0, s + 1, b), n, false, panelsU + g * panelFloats(), vectors, local);
        else
          clear(local, n * WIDTH * sizeof(float));
        for (int r = 0; r < n; r++)
          for (int v = 0; v < vectors; v++) {
            Index at = g * WIDTH + v * VL;
            Vec sum = load(local + r * WIDTH + v * VL);
            if (dy.data) sum += loadPart(dy.data + (b + r) * dy.batch + at, L.P - at);
            store(dhAt(s, b + r) + at, sum);
          }
      }
    }
  }

  float* dhAt(int s, Index b) const { return dh + ((Index)s * L.B + b) * dhRow; }

  /** The gradients of one step's gates. */
  void step(int s, Slice rows) const {
    if (L.projected) gatherDh(s, rows);
    Steps dy = L.projected ? Steps{nullptr, 0, 0} : incomingAt(s, rows);
    bool inParts = !L.projected && L.B > ROWS_AT_ONCE && blocksAtOnce(L.hWindow) < L.blocks;
    int atOnce = inParts ? rows.last - rows.first : ROWS_AT_ONCE;
    float local[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
    for (int i = 0; i < L.groups(); i++) {
      int g = L.turn(i, L.groups(), s), vectors = vectorsOfGroup(L.H, g);
      for (int b = rows.first; b < rows.last; b += atOnce) {
        int n = (int)smaller(atOnce, rows.last - b);
        float* out = inParts ? scratch + (Index)b * WIDTH : local;
        if (L.projected)
          projectBack(s, b, n, g, vectors, out);
        else if (s + 1 < L.T)
          gateSums(L.gatesAt(0, s + 1, b), n, false, panelsU + g * panelFloats(), vectors, out);
        else
          clear(out, (Index)n * WIDTH * sizeof(float));
        for (int v = 0; v < vectors; v++) cell(s, b, n, g, v, out + v * VL, dy);
      }
    }
  }

  void projectBack(int s, int b, int rows, int group, int vectors, float* out) const {
    Product p = {};
    p.a = dhAt(s, b);
    p.aRow = dhRow;
    p.aStep = 1;
    p.b = panelsR + (Index)group * L.P * WIDTH;
    p.bStep = vectors * VL;
    p.length = L.P;
    p.start = ZEROS;
    p.out = out;
    p.outRow = WIDTH;
    product(p, rows, vectors);
  }

  /** One vector of hidden units: from the sums of dh to the gradients of its gates. */
  void cell(int s, int b, int rows, int group, int v, const float* sum, const Steps& dy) const {
    int vector = group * 4 + v, lanes = L.H - vector * VL;
    const float* dyRow = dy.data ? dy.data + b * dy.batch + vector * VL : nullptr;
    auto dhOf = [&](int r) {
      Vec value = load(sum + r * WIDTH);
      return dyRow ? value + loadPart(dyRow + r * dy.batch, lanes) : value;
    };
    float* gates = L.isRnn() ? L.gatesAt(group, s, b) + v * VL : L.gatesAt(vector, s, b);
    int step = L.gateStep(vector);
    if (L.cell == LSTM) {
      const float *c = L.cAt(s, vector, b), *tanhC = L.tanhCAt(s, vector, b);
      float* dc = carriedAt(vector, b);
      for (int r = 0; r < rows; r++) lstmBackward(step, dhOf(r), c + r * VL, tanhC + r * VL, dc + r * VL, gates + r * WIDTH);
    } else if (L.cell == GRU) {
      const float* h = L.zAt(s, b) + L.I + vector * VL;
      float* direct = carriedAt(vector, b);
      for (int r = 0; r < rows; r++)
        gruBackward(step, dhOf(r) + load(direct + r * VL), h + r * L.zRow, direct + r * VL, gates + r * WIDTH);
    } else {
      const float* h = L.hAt(s, b) + vector * VL;
      for (int r = 0; r < rows; r++) rnnBackward(dhOf(r), L.cell == RNN_RELU, h + r * L.zRow, gates + r * WIDTH);
    }
  }

  /** dx of steps [s0, s1) = dgates · W. */
  void writeDx(int s0, int s1, const Team& team) const {
    Slice share((s1 - s0) * L.B, team);
    float local[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
    for (int g = 0; g * WIDTH < L.I; g++) {
      int vectors = vectorsOfGroup(L.I, g);
      for (int row = share.first; row < share.last; row += ROWS_AT_ONCE) {
        int n = (int)smaller(ROWS_AT_ONCE, share.last - row);
        gateSums(L.gatesAt(0, s0, row), n, true, panelsW + g * panelFloats(), vectors, local);
        for (int r = 0; r < n; r++) {
          int s = s0 + (row + r) / L.B, b = (row + r) % L.B;
          float* out = call.dx.data + L.time(s, lengthOf(b)) * call.dx.time + b * call.dx.batch + g * WIDTH;
          for (int v = 0; v < vectors; v++) {
            Vec value = load(local + r * WIDTH + v * VL);
            int lanes = L.I - g * WIDTH - v * VL;
            if (call.accumulateDx) value += loadPart(out + v * VL, lanes);
            storePart(out + v * VL, value, lanes);
          }
        }
      }
    }
  }

  /** dh0 and dc0: what the first step hands back. */
  void writeInitial(Slice rows) const {
    for (int g = 0; call.dh0.data && g * WIDTH < L.P; g++) {
      int vectors = vectorsOfGroup(L.P, g);
      for (int b = rows.first; b < rows.last; b += ROWS_AT_ONCE) {
        int n = (int)smaller(ROWS_AT_ONCE, rows.last - b);
        float local[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
        gateSums(L.gatesAt(0, 0, b), n, false, panelsU + g * panelFloats(), vectors, local);
        for (int r = 0; r < n; r++)
          for (int v = 0; v < vectors; v++) {
            Vec value = load(local + r * WIDTH + v * VL);
            if (L.cell == GRU) value += load(carriedAt(g * 4 + v, b + r));
            Index at = g * WIDTH + v * VL;
            storePart(call.dh0.data + (b + r) * call.dh0.batch + at, value, L.P - at);
          }
      }
    }
    if (L.cell != LSTM || call.dc0.data == nullptr) return;
    for (int v = 0; v < L.vectors; v++)
      for (int b = rows.first; b < rows.last; b++)
        storePart(call.dc0.data + b * call.dc0.batch + v * VL, load(carriedAt(v, b)), L.H - v * VL);
  }

  void run(const Team& team) const {
    Slice rows(L.B, team);
    pack(team);
    begin(rows);
    weights.begin(team);
    team.meet();
    for (int s = L.T - 1, end = L.T; s >= 0; s--) {
      step(s, rows);
      if ((Index)(end - s) * L.B < ROWS_OF_CHUNK && s > 0) continue;
      if (!weights.keepsApart(team)) team.meet();
      weights.add(s, end, dh, dhRow, team);
      if (call.dx.data) writeDx(s, end, team);
      end = s;
    }
    writeInitial(rows);
    team.meet();
    weights.unpack(team);
  }
};

}  // namespace

void unitsBackward(const RecurrentBackward& call, const Team& team) { BackwardPass(call).run(team); }

RecurrentSizes forwardSizes(const RecurrentShape& shape);

/** Of a pass with hidden units in the lanes. */
RecurrentSizes unitsSizes(const RecurrentShape& shape) {
  RecurrentBackward call = {};
  call.shape = shape;
  double backward = shape.training ? floatsBelow(BackwardPass(call).end) + 16 : 0;
  RecurrentSizes forward = forwardSizes(shape);
  Layout L(shape);
  double saved = shape.training ? floatsBelow(L.place(nullptr)) + 16 : 0;
  double kept = L.isRnn() && L.training ? floatsBelow(L.gates) + 16 : saved;  // an RNN's gates are in h
  return {saved, forward.workspaceFloats > backward ? forward.workspaceFloats : backward, kept, forward.panelFloats};
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
