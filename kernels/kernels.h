/**
 * Every kernel, with the shape of every array: the whole contract on one page.
 *
 * All numbers are float32. Strides count floats. A null pointer means "none", or "not wanted" for an output. Kernels trust
 * their arguments, allocate nothing and keep nothing; node*.cc and wasm.cc check sizes and pass pointers, and do no arithmetic.
 *
 * `Kernels` is a table; each instruction set exports one, and the glue chooses at load.
 *
 * The result does not depend on the number of threads: the order of every sum is set by the shapes and the instruction set.
 * NaN and infinity pass through. Denormals are zero in recurrent kernels, products and optimisers.
 */
#pragma once
#include <stdint.h>

namespace refrain {

/** The threads that run one call together, each with its own index. */
struct Team {
  int index, count;
  /** Returns when all have called it. */
  void (*meetAll)(void*);
  void* barrier;
  void meet() const {
    if (count > 1) meetAll(barrier);
  }
};

// ── recurrence ──────────────────────────────────────────────────────────────────────────────────────────────────────────
// B batch, T steps, I inputs, H hidden, P = H or the projected size, G gates.

enum Cell { RNN_TANH, RNN_RELU, LSTM, GRU };  // G = 1, 1, 4, 3

struct RecurrentShape {
  Cell cell;
  int B, T, I, H, P;
  bool projected;  // P comes from R; LSTM only
  bool reverse;    // from the last step to the first; with lengths, from a sequence's own last step
  bool training;   // whether backward will follow
};

struct RecurrentSizes {
  double savedFloats, workspaceFloats;
  /** Of the saved floats, the first ones that forward writes; what follows is room for backward. */
  double keptFloats;
  /** Of the panels that a pass without training takes, 0 if it takes none. */
  double panelFloats;
};

/** A [T, B, features] array whose features are contiguous. */
struct Steps {
  float* data;
  intptr_t time, batch;
};

/** A [B, features] array whose features are contiguous. */
struct States {
  float* data;
  intptr_t batch;
};

struct RecurrentWeights {
  float* ih;      // W [G·H, I]
  float* hh;      // U [G·H, P]
  float* biasIh;  // b [G·H] or null
  float* biasHh;  // c [G·H] or null
  float* hr;      // R [P, H] or null
};

struct RecurrentForward {
  RecurrentShape shape;
  const int32_t* lengths;    // [B] in 1 … T, or null: all T
  Steps x;                   // [T, B, I]
  States h0, c0;             // [B, P], [B, H]; null: zeros
  RecurrentWeights weights;  // read
  Steps y;                   // [T, B, P] out; 0 where a sequence has ended
  States hn, cn;             // [B, P], [B, H] out
  float* saved;              // what backward needs
  float* workspace;
  /**
   * Or null: the weights in the order in which products read them, for calls without training that have the same weights and the same
   * I, H and P. Begins with 0 until a call has laid them there; from then on weights are not read.
   */
  float* panels;
};

struct RecurrentBackward {
  RecurrentShape shape;
  const int32_t* lengths;
  RecurrentWeights weights;   // read
  float* saved;               // from forward; consumed
  float* workspace;
  Steps dy;                   // [T, B, P]
  States dhn, dcn;            // [B, P], [B, H]
  Steps dx;                   // [T, B, I] out
  bool accumulateDx;          // dx += instead of dx =
  States dh0, dc0;            // [B, P], [B, H] out
  RecurrentWeights gradients; // out, any of them null
};

// ── products ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** out [M, N] = a [M, K] · b [K, N] + bias [N], or out += … ; any strides for a and b. */
struct Matmul {
  int M, N, K;
  const float *a, *b, *bias;
  intptr_t aRow, aColumn, bRow, bColumn;
  float* out;
  intptr_t outRow;  // columns of out are contiguous
  bool accumulate;
  float* workspace;
};

// ── element-wise ────────────────────────────────────────────────────────────────────────────────────────────────────────

enum Unary { NEG, ABS, SQUARE, RELU, SQRT, RECIPROCAL, EXP, LOG, TANH, SIGMOID };
/** The gradients are of (output, its gradient). */
enum Binary { ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, SIGMOID_GRADIENT, TANH_GRADIENT, RELU_GRADIENT };

/** A matrix of any row stride whose elements in a row are contiguous (step 1) or all the same one (step 0). */
struct Rows {
  const float* data;
  intptr_t row, step;
};

/** out = x over four axes, the last one innermost; any strides. */
struct Copy {
  int size[4];
  const float* x;
  intptr_t xStride[4];
  float* out;
  intptr_t outStride[4];
};

// ── optimisers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

struct Sgd {
  double learningRate, momentum, dampening, weightDecay;
  bool nesterov, maximize, first;
};

struct Adam {
  double learningRate, beta1, beta2, epsilon, weightDecay;
  bool decoupled, maximize;
  double correction1, correction2;  // 1 − β₁ᵗ and 1 − β₂ᵗ, where t counts the steps from 1 on
};

/** x to the power of a whole number: the same bits on every machine, and no library. */
inline double power(double x, double whole) {
  double result = 1;
  for (double n = whole; n >= 1; n = __builtin_floor(n / 2), x *= x)
    if (n - 2 * __builtin_floor(n / 2) != 0) result *= x;
  return result;
}

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────────

struct Kernels {
  const char* name;

  RecurrentSizes (*recurrentSizes)(const RecurrentShape&);
  void (*recurrentForward)(const RecurrentForward&, const Team&);
  void (*recurrentBackward)(const RecurrentBackward&, const Team&);

  double (*matmulWorkspace)(const Matmul&);  // floats
  void (*matmul)(const Matmul&, const Team&);

  void (*copy)(const Copy&);
  void (*unary)(Unary, const float* x, float* out, intptr_t n);
  /** out [rows, n] = f(x, y), rows of out a stride apart. */
  void (*binary)(Binary, Rows x, Rows y, float* out, intptr_t outRow, intptr_t rows, intptr_t n);
  /** out += scale · x */
  void (*accumulate)(const float* x, float scale, float* out, intptr_t n);

  /** out [outer, inner] = Σ over the middle of x [outer, n, inner], all contiguous. */
  void (*sum)(const float* x, float* out, intptr_t outer, intptr_t n, intptr_t inner);
  /** Along the last axis of x [rows, n], contiguous; the logarithm of it if asked. */
  void (*softmax)(const float* x, float* out, intptr_t rows, intptr_t n, bool logarithm);
  /** Σ (x − y)² */
  double (*squaredErrorSum)(const float* x, const float* y, intptr_t n);
  /** Σ x² */
  double (*squaredNorm)(const float* x, intptr_t n);

  /** One parameter; `velocity` is null without momentum. */
  void (*sgd)(const Sgd&, float* parameter, const float* gradient, float* velocity, intptr_t n);
  void (*adam)(const Adam&, float* parameter, const float* gradient, float* mean, float* square, intptr_t n);
};

}  // namespace refrain
