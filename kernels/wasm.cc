/**
 * The kernels as a WASM module: glue, no arithmetic.
 *
 * The host copies arrays into this memory, from `__heap_base` on, and writes a call that has many numbers as the struct of kernels.h,
 * word by word: here an int, a pointer and a stride are 4 bytes each, and the flags of a struct are bytes of one word. The host's order
 * is that of `src/backend/wasm/`; what it relies on is asserted below.
 */
#include "kernels.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace refrain {

extern const Kernels* const JOIN(kernels_, REFRAIN_ISA);

static const Kernels& kernels = *JOIN(kernels_, REFRAIN_ISA);

enum Job { FORWARD, BACKWARD, MATMUL };

static void work(Job job, const void* call, const Team& team) {
  if (job == FORWARD)
    kernels.recurrentForward(*static_cast<const RecurrentForward*>(call), team);
  else if (job == BACKWARD)
    kernels.recurrentBackward(*static_cast<const RecurrentBackward*>(call), team);
  else
    kernels.matmul(*static_cast<const Matmul*>(call), team);
}

#if defined(REFRAIN_THREADS)
#include "wasm-threads.h"
#else
static void run(Job job, const void* call, double) { work(job, call, {0, 1, nullptr, nullptr}); }
#endif

static double operationsOf(const RecurrentShape& s) {
  return 2.0 * s.B * s.T * (s.cell == LSTM ? 4 : s.cell == GRU ? 3 : 1) * s.H * (s.I + s.P);
}

static_assert(sizeof(intptr_t) == 4 && sizeof(float*) == 4, "a pointer and a stride are words");
static_assert(sizeof(RecurrentShape) == 28 && __builtin_offsetof(RecurrentShape, projected) == 24, "six words and one of flags");
static_assert(sizeof(RecurrentForward) == 4 * 30, "the words of a forward call");
static_assert(sizeof(RecurrentBackward) == 4 * 35 && __builtin_offsetof(RecurrentBackward, dh0) == 4 * 26, "the words of a backward call");
static_assert(sizeof(Matmul) == 4 * 14 && __builtin_offsetof(Matmul, accumulate) == 4 * 12, "the words of a product");

EXPORT(recurrentSizes) void recurrentSizes(const RecurrentShape* shape, double* bytes) {
  RecurrentSizes sizes = kernels.recurrentSizes(*shape);
  bytes[0] = sizes.savedFloats * sizeof(float);
  bytes[1] = sizes.workspaceFloats * sizeof(float);
  bytes[2] = sizes.keptFloats * sizeof(float);
  bytes[3] = sizes.panelFloats * sizeof(float);
}

EXPORT(recurrentForward) void recurrentForward(const RecurrentForward* call) { run(FORWARD, call, operationsOf(call->shape)); }

EXPORT(recurrentBackward) void recurrentBackward(const RecurrentBackward* call) { run(BACKWARD, call, operationsOf(call->shape)); }

EXPORT(matmulWorkspace) double matmulWorkspace(const Matmul* call) { return kernels.matmulWorkspace(*call) * sizeof(float); }

EXPORT(matmul) void matmul(const Matmul* call) { run(MATMUL, call, 2.0 * call->M * call->N * call->K); }

EXPORT(unary) void unary(Unary kernel, const float* x, float* out, int n) { kernels.unary(kernel, x, out, n); }

EXPORT(binary)
void binary(Binary kernel, const float* x, int xRow, int xStep, const float* y, int yRow, int yStep, float* out, int rows, int n) {
  kernels.binary(kernel, {x, xRow, xStep}, {y, yRow, yStep}, out, n, rows, n);
}

EXPORT(accumulate) void accumulate(const float* x, float scale, float* out, int n) { kernels.accumulate(x, scale, out, n); }

EXPORT(sum) void sum(const float* x, float* out, int outer, int n, int inner) { kernels.sum(x, out, outer, n, inner); }

EXPORT(softmax) void softmax(const float* x, float* out, int rows, int n, bool logarithm) {
  kernels.softmax(x, out, rows, n, logarithm);
}

EXPORT(squaredErrorSum) double squaredErrorSum(const float* x, const float* y, int n) { return kernels.squaredErrorSum(x, y, n); }

EXPORT(squaredNorm) double squaredNorm(const float* x, int n) { return kernels.squaredNorm(x, n); }

EXPORT(sgd)
void sgd(double learningRate, double momentum, double dampening, double weightDecay, bool nesterov, bool maximize, bool first,
         float* parameter, const float* gradient, float* velocity, int n) {
  kernels.sgd({learningRate, momentum, dampening, weightDecay, nesterov, maximize, first}, parameter, gradient, velocity, n);
}

EXPORT(adam)
void adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, bool decoupled, bool maximize, double step,
          float* parameter, const float* gradient, float* mean, float* square, int n) {
  const double correction1 = 1 - power(beta1, step), correction2 = 1 - power(beta2, step);
  kernels.adam({learningRate, beta1, beta2, epsilon, weightDecay, decoupled, maximize, correction1, correction2}, parameter, gradient, mean, square, n);
}

}  // namespace refrain
