/** The recurrent passes as functions of the addon. */
#include "node-call.h"

namespace refrain {
namespace {

RecurrentShape readShape(Call& call) {
  RecurrentShape s;
  s.cell = (Cell)call.integer();
  s.B = call.integer();
  s.T = call.integer();
  s.I = call.integer();
  s.H = call.integer();
  s.P = call.integer();
  s.projected = s.P != 0;
  if (!s.projected) s.P = s.H;
  s.reverse = call.flag();
  s.training = call.flag();
  if (!call.failed() && (s.cell < RNN_TANH || s.cell > GRU || s.B < 1 || s.T < 1 || s.I < 1 || s.H < 1 || s.P < 1))
    call.fail("a size is below 1");
  return s;
}

double gatesOf(const RecurrentShape& s) { return (s.cell == LSTM ? 4 : s.cell == GRU ? 3 : 1) * (double)s.H; }

double multiplicationsOf(const RecurrentShape& s) { return (double)s.B * s.T * gatesOf(s) * (s.I + s.P); }

const int32_t* readLengths(Call& call, const RecurrentShape& s) {
  const int32_t* lengths = reinterpret_cast<const int32_t*>(call.array(s.B));
  for (int b = 0; lengths && b < s.B; b++)
    if (lengths[b] < 1 || lengths[b] > s.T) {
      call.fail("a length is not within 1 … T");
      return nullptr;
    }
  return lengths;
}

RecurrentWeights readWeights(Call& call, const RecurrentShape& s) {
  RecurrentWeights w;
  w.ih = call.array(gatesOf(s) * s.I);
  w.hh = call.array(gatesOf(s) * s.P);
  w.biasIh = call.array(gatesOf(s));
  w.biasHh = call.array(gatesOf(s));
  w.hr = call.array((double)s.P * s.H);
  return w;
}

void requireWeights(Call& call, const RecurrentShape& s, const RecurrentWeights& w) {
  if (!call.failed() && (!w.ih || !w.hh || !w.biasIh != !w.biasHh || (s.projected && !w.hr))) call.fail("a weight is missing");
}

}  // namespace

// recurrentSizes(): shape → numbers[0] bytes of the saved state, numbers[1] bytes of the workspace, numbers[2] bytes of the panels
napi_value recurrentSizes(napi_env env, napi_callback_info info) {
  Call call(env, info);
  RecurrentShape shape = readShape(call);
  if (call.failed()) return nullptr;
  RecurrentSizes sizes = call.kernels().recurrentSizes(shape);
  call.instance->numbers[0] = sizes.savedFloats * sizeof(float);
  call.instance->numbers[1] = sizes.workspaceFloats * sizeof(float);
  call.instance->numbers[2] = sizes.panelFloats * sizeof(float);
  return nullptr;
}

// recurrentForward(lengths, x, h0, c0, W, U, b, c, R, y, hn, cn, saved, workspace, panels)
napi_value recurrentForward(napi_env env, napi_callback_info info) {
  Call call(env, info);
  RecurrentForward f;
  const RecurrentShape& s = f.shape = readShape(call);
  if (call.failed()) return nullptr;
  RecurrentSizes sizes = call.kernels().recurrentSizes(s);
  f.lengths = readLengths(call, s);
  f.x = call.steps(s.T, s.B, s.I);
  f.h0 = call.states(s.B, s.P);
  f.c0 = call.states(s.B, s.H);
  f.weights = readWeights(call, s);
  f.y = call.steps(s.T, s.B, s.P);
  f.hn = call.states(s.B, s.P);
  f.cn = call.states(s.B, s.H);
  f.saved = s.training ? call.required(sizes.savedFloats) : call.array(0);
  f.workspace = call.required(sizes.workspaceFloats);
  f.panels = sizes.panelFloats > 0 ? call.array(sizes.panelFloats) : nullptr;
  requireWeights(call, s, f.weights);
  if (!call.failed() && (!f.x.data || !f.y.data)) call.fail("x or y is missing");
  if (!call.failed()) runKernel(*call.instance, &Kernels::recurrentForward, f, multiplicationsOf(s), s.B);
  return nullptr;
}

// recurrentBackward(lengths, W, U, b, c, R, saved, workspace, dy, dhn, dcn, dx, dh0, dc0, dW, dU, db, dc, dR)
napi_value recurrentBackward(napi_env env, napi_callback_info info) {
  Call call(env, info);
  RecurrentBackward g;
  const RecurrentShape& s = g.shape = readShape(call);
  if (call.failed()) return nullptr;
  if (!s.training) call.fail("backward needs a forward pass in training");
  RecurrentSizes sizes = call.kernels().recurrentSizes(s);
  g.accumulateDx = call.flag();
  g.lengths = readLengths(call, s);
  g.weights = readWeights(call, s);
  g.saved = call.required(sizes.savedFloats);
  g.workspace = call.required(sizes.workspaceFloats);
  g.dy = call.steps(s.T, s.B, s.P);
  g.dhn = call.states(s.B, s.P);
  g.dcn = call.states(s.B, s.H);
  g.dx = call.steps(s.T, s.B, s.I);
  g.dh0 = call.states(s.B, s.P);
  g.dc0 = call.states(s.B, s.H);
  g.gradients = readWeights(call, s);
  requireWeights(call, s, g.weights);
  if (!call.failed()) runKernel(*call.instance, &Kernels::recurrentBackward, g, 2 * multiplicationsOf(s), s.B);
  return nullptr;
}

}  // namespace refrain
