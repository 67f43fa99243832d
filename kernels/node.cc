/**
 * The kernels as a Node addon: glue, no arithmetic.
 *
 * Numbers travel in an array of doubles that is bound once, as that costs a tenth of passing them; arrays travel as ArrayBuffers with
 * every call, and no pointer outlives one, as a buffer can be detached. Each function reads the numbers in the order in which
 * addon.ts writes them. Of every array it checks that the buffer reaches as far as the kernel will.
 *
 * The addon is context-aware: all state belongs to one environment, the main thread's or a worker's.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "kernels.h"
#include "threads.h"

namespace refrain {

#if defined(__x86_64__)
extern const Kernels *const kernels_avx512, *const kernels_avx2;
#endif
extern const Kernels* const kernels_baseline;

namespace {

/** Raised with every change of the functions or of the order of their numbers; addon.ts names the one that it speaks. */
constexpr int VERSION = 3;

/**
 * Multiplications that each thread must have: 0.2 ms. A pass of 2 ms gains from a second one; one of 0.2 ms loses, as half of what a thread
 * reads in dW then lies in the other's cache.
 */
constexpr double WORTH_A_THREAD = 10e6;

const Kernels* kernelsNamed(const char* name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx512 && (!name || !strcmp(name, "avx512"))) return kernels_avx512;
  if (avx2 && (!name || !strcmp(name, "avx2"))) return kernels_avx2;
#endif
  return !name || !strcmp(name, "baseline") ? kernels_baseline : nullptr;
}

struct Instance {
  const Kernels* kernels;
  int threads;
  double* numbers = nullptr;
  size_t count = 0;
  napi_ref keepsNumbers = nullptr;
};

int defaultThreads() {
  const char* named = getenv("REFRAIN_THREADS");
  int count = named ? atoi(named) : 0;
  return count > 0 ? count : availableThreads();
}

int threadsFor(const Instance& instance, double multiplications, int rows) {
  double worth = multiplications / WORTH_A_THREAD;
  int n = instance.threads < rows ? instance.threads : rows;
  if (worth < n) n = (int)worth;
  return n > 1 ? n : 1;
}

/** The arguments and numbers of one call, taken one by one. */
class Call {
 public:
  napi_env env;
  Instance* instance = nullptr;

  Call(napi_env env, napi_callback_info info) : env(env) {
    void* data;
    napi_get_cb_info(env, info, &given, arguments, nullptr, &data);
    instance = static_cast<Instance*>(data);
    if (instance->numbers == nullptr) fail("bind() has not been called");
  }

  const Kernels& kernels() const { return *instance->kernels; }
  bool failed() const { return wrong; }
  double number() { return wrong || at >= (int)instance->count ? 0 : instance->numbers[at++]; }
  int integer() { return (int)number(); }
  bool flag() { return number() != 0; }

  /** The next argument from the offset that is the next number on, or null; it must reach `reach` floats further. */
  float* array(double reach) {
    double offset = number();
    napi_value value = next < given ? arguments[next] : nullptr;
    next++;
    void* data = nullptr;
    size_t bytes = 0;
    if (value == nullptr || wrong || napi_get_arraybuffer_info(env, value, &data, &bytes) != napi_ok) return nullptr;
    if (offset < 0 || (offset + reach) * sizeof(float) > (double)bytes) {
      char message[160];
      snprintf(message, sizeof message, "argument %zu has %zu bytes, but %.0f are needed; was its ArrayBuffer detached?", next, bytes,
               (offset + reach) * sizeof(float));
      fail(message);
      return nullptr;
    }
    return static_cast<float*>(data) + (intptr_t)offset;
  }

  float* required(double reach) {
    float* data = array(reach);
    if (data == nullptr && !wrong && reach > 0) fail("an array is missing");
    return data;
  }

  /** The next argument as a whole, however long. */
  float* scratch(size_t* bytes) {
    double offset = number();
    void* data = nullptr;
    if (next >= given || napi_get_arraybuffer_info(env, arguments[next++], &data, bytes) != napi_ok || offset != 0) fail("a workspace is missing");
    return static_cast<float*>(data);
  }

  Steps steps(double T, double B, double features) {
    Steps s;
    s.time = (intptr_t)number();
    s.batch = (intptr_t)number();
    if (s.time < 0 || s.batch < 0) fail("strides must not be negative");
    s.data = array((T - 1) * s.time + (B - 1) * s.batch + features);
    return s;
  }

  States states(double B, double features) {
    States s;
    s.batch = (intptr_t)number();
    if (s.batch < 0) fail("strides must not be negative");
    s.data = array((B - 1) * s.batch + features);
    return s;
  }

  void fail(const char* message) {
    if (!wrong) napi_throw_range_error(env, nullptr, message);
    wrong = true;
  }

 private:
  napi_value arguments[96];
  size_t given = 96, next = 0;
  int at = 0;
  bool wrong = false;
};

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

// recurrentSizes(): shape → numbers[0] bytes of the saved state, numbers[1] bytes of the workspace
napi_value recurrentSizes(napi_env env, napi_callback_info info) {
  Call call(env, info);
  RecurrentShape shape = readShape(call);
  if (call.failed()) return nullptr;
  RecurrentSizes sizes = call.kernels().recurrentSizes(shape);
  call.instance->numbers[0] = sizes.savedFloats * sizeof(float);
  call.instance->numbers[1] = sizes.workspaceFloats * sizeof(float);
  return nullptr;
}

template <class T>
struct Job {
  const Kernels* kernels;
  T call;
};

// recurrentForward(lengths, x, h0, c0, W, U, b, c, R, y, hn, cn, saved, workspace)
napi_value recurrentForward(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Job<RecurrentForward> job;
  job.kernels = call.instance->kernels;
  RecurrentForward& f = job.call;
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
  requireWeights(call, s, f.weights);
  if (!call.failed() && (!f.x.data || !f.y.data)) call.fail("x or y is missing");
  if (call.failed()) return nullptr;
  runTeam(
      threadsFor(*call.instance, multiplicationsOf(s), s.B),
      [](const void* p, const Team& team) {
        auto job = static_cast<const Job<RecurrentForward>*>(p);
        job->kernels->recurrentForward(job->call, team);
      },
      &job);
  return nullptr;
}

// recurrentBackward(lengths, W, U, b, c, R, saved, workspace, dy, dhn, dcn, dx, dh0, dc0, dW, dU, db, dc, dR)
napi_value recurrentBackward(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Job<RecurrentBackward> job;
  job.kernels = call.instance->kernels;
  RecurrentBackward& g = job.call;
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
  if (call.failed()) return nullptr;
  runTeam(
      threadsFor(*call.instance, 2 * multiplicationsOf(s), s.B),
      [](const void* p, const Team& team) {
        auto job = static_cast<const Job<RecurrentBackward>*>(p);
        job->kernels->recurrentBackward(job->call, team);
      },
      &job);
  return nullptr;
}

Matmul readMatmul(Call& call) {
  Matmul m = {};
  m.M = call.integer();
  m.N = call.integer();
  m.K = call.integer();
  m.aRow = (intptr_t)call.number();
  m.aColumn = (intptr_t)call.number();
  m.bRow = (intptr_t)call.number();
  m.bColumn = (intptr_t)call.number();
  m.outRow = (intptr_t)call.number();
  m.accumulate = call.flag();
  if (!call.failed() && (m.M < 1 || m.N < 1 || m.K < 1 || m.aRow < 0 || m.aColumn < 0 || m.bRow < 0 || m.bColumn < 0 || m.outRow < 0))
    call.fail("sizes must be positive and strides not negative");
  return m;
}

// matmul(a, b, bias, out, workspace) → numbers[0]: 0, or how many bytes the workspace must have if it has fewer
napi_value matmul(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Job<Matmul> job;
  job.kernels = call.instance->kernels;
  Matmul& m = job.call = readMatmul(call);
  m.a = call.required((m.M - 1.0) * m.aRow + (m.K - 1.0) * m.aColumn + 1);
  m.b = call.required((m.K - 1.0) * m.bRow + (m.N - 1.0) * m.bColumn + 1);
  m.bias = call.array(m.N);
  m.out = call.required((m.M - 1.0) * m.outRow + m.N);
  if (call.failed()) return nullptr;
  double needed = call.kernels().matmulWorkspace(m) * sizeof(float);
  size_t given;
  m.workspace = call.scratch(&given);
  if (call.failed()) return nullptr;
  call.instance->numbers[0] = given < needed ? needed : 0;
  if (given < needed) return nullptr;
  runTeam(
      threadsFor(*call.instance, (double)m.M * m.N * m.K, m.M),
      [](const void* p, const Team& team) {
        auto job = static_cast<const Job<Matmul>*>(p);
        job->kernels->matmul(job->call, team);
      },
      &job);
  return nullptr;
}

// copy(x, out)
napi_value copy(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Copy c = {};
  double fromReach = 1, toReach = 1;
  for (int axis = 0; axis < 4; axis++) {
    c.size[axis] = call.integer();
    c.xStride[axis] = (intptr_t)call.number();
    c.outStride[axis] = (intptr_t)call.number();
    if (!call.failed() && (c.size[axis] < 1 || c.xStride[axis] < 0 || c.outStride[axis] < 0))
      call.fail("sizes must be positive and strides not negative");
    fromReach += (c.size[axis] - 1.0) * c.xStride[axis];
    toReach += (c.size[axis] - 1.0) * c.outStride[axis];
  }
  c.x = call.required(fromReach);
  c.out = call.required(toReach);
  if (!call.failed()) call.kernels().copy(c);
  return nullptr;
}

// unary(x, out): kernel, n
napi_value unary(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Unary kernel = (Unary)call.integer();
  double n = call.number();
  const float* x = call.required(n);
  float* out = call.required(n);
  if (!call.failed()) call.kernels().unary(kernel, x, out, (intptr_t)n);
  return nullptr;
}

/** Rows in a buffer, or a single number in place of one. */
Rows readRows(Call& call, double rows, double n, float* single) {
  Rows r;
  bool isNumber = call.flag();
  *single = (float)call.number();
  r.row = (intptr_t)call.number();
  r.step = (intptr_t)call.number();
  if (r.row < 0 || r.step < 0 || r.step > 1) call.fail("strides must not be negative");
  r.data = call.array((rows - 1) * r.row + (n - 1) * r.step + 1);
  if (isNumber) r = {single, 0, 0};
  if (r.data == nullptr) call.fail("an array is missing");
  return r;
}

// binary(x, y, out): kernel, rows, n, then x, y, and the row stride of out
napi_value binary(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Binary kernel = (Binary)call.integer();
  double rows = call.number(), n = call.number();
  float x1, y1;
  Rows x = readRows(call, rows, n, &x1), y = readRows(call, rows, n, &y1);
  double outRow = call.number();
  if (!call.failed() && outRow < 0) call.fail("strides must not be negative");
  float* out = call.required((rows - 1) * outRow + n);
  if (!call.failed()) call.kernels().binary(kernel, x, y, out, (intptr_t)outRow, (intptr_t)rows, (intptr_t)n);
  return nullptr;
}

// accumulate(x, out): n, scale
napi_value accumulate(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double n = call.number();
  float scale = (float)call.number();
  const float* x = call.required(n);
  float* out = call.required(n);
  if (!call.failed()) call.kernels().accumulate(x, scale, out, (intptr_t)n);
  return nullptr;
}

// sum(x, out): outer, n, inner
napi_value sum(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double outer = call.number(), n = call.number(), inner = call.number();
  const float* x = call.required(outer * n * inner);
  float* out = call.required(outer * inner);
  if (!call.failed()) call.kernels().sum(x, out, (intptr_t)outer, (intptr_t)n, (intptr_t)inner);
  return nullptr;
}

// softmax(x, out): rows, n, logarithm
napi_value softmax(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double rows = call.number(), n = call.number();
  bool logarithm = call.flag();
  const float* x = call.required(rows * n);
  float* out = call.required(rows * n);
  if (!call.failed()) call.kernels().softmax(x, out, (intptr_t)rows, (intptr_t)n, logarithm);
  return nullptr;
}

// squaredErrorSum(x, y, out): n, scale
napi_value squaredErrorSum(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double n = call.number(), scale = call.number();
  const float* x = call.required(n);
  const float* y = call.required(n);
  float* out = call.required(1);
  if (!call.failed()) *out = (float)(scale * call.kernels().squaredErrorSum(x, y, (intptr_t)n));
  return nullptr;
}

// squaredNorm(x): n → numbers[0]
napi_value squaredNorm(napi_env env, napi_callback_info info) {
  Call call(env, info);
  double n = call.number();
  const float* x = call.required(n);
  if (!call.failed()) call.instance->numbers[0] = call.kernels().squaredNorm(x, (intptr_t)n);
  return nullptr;
}

// sgd(parameter, gradient, velocity, and so on): the step, how many parameters, then of each n and the offsets
napi_value sgd(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Sgd step;
  step.learningRate = call.number();
  step.momentum = call.number();
  step.dampening = call.number();
  step.weightDecay = call.number();
  step.nesterov = call.flag();
  step.maximize = call.flag();
  step.first = call.flag();
  for (int parameters = call.integer(); parameters > 0; parameters--) {
    double n = call.number();
    float* parameter = call.required(n);
    const float* gradient = call.required(n);
    float* velocity = call.array(n);
    if (call.failed()) break;
    call.kernels().sgd(step, parameter, gradient, velocity, (intptr_t)n);
  }
  return nullptr;
}

// adam(parameter, gradient, mean, square, and so on): the step, how many parameters, then of each n and the offsets
napi_value adam(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Adam step;
  step.learningRate = call.number();
  step.beta1 = call.number();
  step.beta2 = call.number();
  step.epsilon = call.number();
  step.weightDecay = call.number();
  step.decoupled = call.flag();
  step.maximize = call.flag();
  const double t = call.number();
  step.correction1 = 1 - power(step.beta1, t);
  step.correction2 = 1 - power(step.beta2, t);
  for (int parameters = call.integer(); parameters > 0; parameters--) {
    double n = call.number();
    float* parameter = call.required(n);
    const float* gradient = call.required(n);
    float* mean = call.required(n);
    float* square = call.required(n);
    if (call.failed()) break;
    call.kernels().adam(step, parameter, gradient, mean, square, (intptr_t)n);
  }
  return nullptr;
}

// bind(numbers): the Float64Array in which numbers travel from now on
napi_value bind(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value value;
  void *data, *numbers;
  napi_get_cb_info(env, info, &given, &value, nullptr, &data);
  Instance* instance = static_cast<Instance*>(data);
  napi_typedarray_type type;
  size_t length;
  if (given < 1 || napi_get_typedarray_info(env, value, &type, &length, &numbers, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array || length < 128) {
    napi_throw_range_error(env, nullptr, "bind: a Float64Array of 128 or more is needed");
    return nullptr;
  }
  if (instance->keepsNumbers) napi_delete_reference(env, instance->keepsNumbers);
  napi_create_reference(env, value, 1, &instance->keepsNumbers);
  instance->numbers = static_cast<double*>(numbers);
  instance->count = length;
  return nullptr;
}

// preferLargePages(buffer): asks the system to back a long buffer, not yet touched, with pages of 2 MB, of which fewer have to be looked up
napi_value preferLargePages(napi_env env, napi_callback_info info) {
#if defined(__linux__)
  constexpr uintptr_t PAGE = 2 << 20;
  size_t given = 1, bytes;
  napi_value value;
  void* data;
  napi_get_cb_info(env, info, &given, &value, nullptr, nullptr);
  if (given == 1 && napi_get_arraybuffer_info(env, value, &data, &bytes) == napi_ok) {
    uintptr_t first = ((uintptr_t)data + PAGE - 1) / PAGE * PAGE, last = ((uintptr_t)data + bytes) / PAGE * PAGE;
    if (last > first) madvise((void*)first, last - first, MADV_HUGEPAGE);
  }
#else
  (void)env, (void)info;
#endif
  return nullptr;
}

// setThreads(): count, or 0 for the default → numbers[0], the count now in force
napi_value setThreads(napi_env env, napi_callback_info info) {
  Call call(env, info);
  int n = call.integer();
  if (call.failed()) return nullptr;
  call.instance->threads = n > 0 ? n : defaultThreads();
  call.instance->numbers[0] = call.instance->threads;
  return nullptr;
}

// setInstructionSet(name) → the name in force: unchanged if the processor does not have it
napi_value setInstructionSet(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value value;
  void* data;
  char name[16] = "";
  napi_get_cb_info(env, info, &given, &value, nullptr, &data);
  Instance* instance = static_cast<Instance*>(data);
  if (given == 1 && napi_get_value_string_utf8(env, value, name, sizeof name, nullptr) == napi_ok) {
    const Kernels* wanted = kernelsNamed(name);
    if (wanted) instance->kernels = wanted;
  }
  napi_value result;
  napi_create_string_utf8(env, instance->kernels->name, NAPI_AUTO_LENGTH, &result);
  return result;
}

struct Function {
  const char* name;
  napi_callback call;
};

const Function FUNCTIONS[] = {
    {"bind", bind},
    {"preferLargePages", preferLargePages},
    {"setThreads", setThreads},
    {"setInstructionSet", setInstructionSet},
    {"recurrentSizes", recurrentSizes},
    {"recurrentForward", recurrentForward},
    {"recurrentBackward", recurrentBackward},
    {"matmul", matmul},
    {"copy", copy},
    {"unary", unary},
    {"binary", binary},
    {"accumulate", accumulate},
    {"sum", sum},
    {"softmax", softmax},
    {"squaredErrorSum", squaredErrorSum},
    {"squaredNorm", squaredNorm},
    {"sgd", sgd},
    {"adam", adam},
};

napi_value init(napi_env env, napi_value exports) {
  Instance* instance = new Instance{};
  const char* named = getenv("REFRAIN_ISA");
  const Kernels* wanted = named && *named ? kernelsNamed(named) : nullptr;
  instance->kernels = wanted ? wanted : kernelsNamed(nullptr);
  instance->threads = defaultThreads();
  napi_set_instance_data(env, instance, [](napi_env, void* data, void*) { delete static_cast<Instance*>(data); }, nullptr);
  for (const Function& f : FUNCTIONS) {
    napi_value function;
    napi_create_function(env, f.name, NAPI_AUTO_LENGTH, f.call, instance, &function);
    napi_set_named_property(env, exports, f.name, function);
  }
  napi_value version;
  napi_create_int32(env, VERSION, &version);
  napi_set_named_property(env, exports, "version", version);
  return exports;
}

}  // namespace
}  // namespace refrain

NAPI_MODULE_INIT() { return refrain::init(env, exports); }
