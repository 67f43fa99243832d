/**
 * The kernels as a Node addon: glue, no arithmetic.
 *
 * Numbers travel in an array of doubles that is bound once, as that costs a tenth of passing them; arrays travel as ArrayBuffers with
 * every call, and no pointer outlives one, as a buffer can be detached (node-call.h).
 *
 * The addon is context-aware: all state belongs to one environment, the main thread's or a worker's.
 */
#include <stdlib.h>
#include <string.h>

#include "node-call.h"
#include "node-memory.h"

namespace refrain {

#if defined(__x86_64__)
extern const Kernels *const kernels_avx512, *const kernels_avx2;
#endif
extern const Kernels* const kernels_baseline;

namespace {

/** Raised with every change of the functions or of the order of their numbers; addon.ts names the one that it speaks. */
constexpr int VERSION = 4;

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

int defaultThreads() {
  const char* named = getenv("REFRAIN_THREADS");
  int count = named ? atoi(named) : 0;
  return count > 0 ? count : availableThreads();
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
  Matmul m = readMatmul(call);
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
  if (given >= needed) runKernel(*call.instance, &Kernels::matmul, m, (double)m.M * m.N * m.K, m.M);
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
  Call call(env, info, MOST_ARGUMENTS);
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
  Call call(env, info, MOST_ARGUMENTS);
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

// preferLargePages(buffer): before it is touched
napi_value preferLargePages(napi_env env, napi_callback_info info) {
  size_t given = 1, bytes;
  napi_value value;
  void* data;
  napi_get_cb_info(env, info, &given, &value, nullptr, nullptr);
  if (given == 1 && napi_get_arraybuffer_info(env, value, &data, &bytes) == napi_ok) refrain::preferLargePages(data, bytes);
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
  preferLargePagesForOutputs();
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
