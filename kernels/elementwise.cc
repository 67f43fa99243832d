/** Copies and element-wise kernels. An element's value does not depend on where it lies: the last few go through the same vector code. */
#include "functions.h"
#include "kernels.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

template <class F>
void map(const float* x, float* out, Index n, F f) {
  Index i = 0;
  for (; i + VL <= n; i += VL) store(out + i, f(load(x + i)));
  if (i < n) storePart(out + i, f(loadPart(x + i, n - i)), n - i);
}

template <class F>
void zip(const Rows& x, const Rows& y, float* out, Index outRow, Index rows, Index n, F f) {
  for (Index r = 0; r < rows; r++) {
    const float *a = x.data + r * x.row, *b = y.data + r * y.row;
    float* to = out + r * outRow;
    Index i = 0;
    if (x.step && y.step) {
      for (; i + VL <= n; i += VL) store(to + i, f(load(a + i), load(b + i)));
      if (i < n) storePart(to + i, f(loadPart(a + i, n - i), loadPart(b + i, n - i)), n - i);
    } else if (x.step) {
      Vec same = splat(*b);
      for (; i + VL <= n; i += VL) store(to + i, f(load(a + i), same));
      if (i < n) storePart(to + i, f(loadPart(a + i, n - i), same), n - i);
    } else {
      Vec same = splat(*a);
      for (; i < n; i += VL) storePart(to + i, f(same, y.step ? loadPart(b + i, n - i) : splat(*b)), n - i);
    }
  }
}

/** One of two, and NaN where either is. */
INLINE Vec orNaN(Vec value, Vec x, Vec y) { return select(x != x, x, select(y != y, y, value)); }

/** tanh is odd, down to the sign of zero. */
INLINE Vec oddTanh(Vec x) {
  IntVec sign = (IntVec)x & (int32_t)0x80000000;
  return (Vec)((IntVec)tanh(absolute(x)) | sign);
}

}  // namespace

void copy(const Copy& c) {
  for (int i = 0; i < c.size[0]; i++)
    for (int j = 0; j < c.size[1]; j++)
      for (int k = 0; k < c.size[2]; k++) {
        const float* x = c.x + i * c.xStride[0] + j * c.xStride[1] + k * c.xStride[2];
        float* out = c.out + i * c.outStride[0] + j * c.outStride[1] + k * c.outStride[2];
        int n = c.size[3];
        Index from = c.xStride[3], to = c.outStride[3];
        if (from == 1 && to == 1)
          __builtin_memmove(out, x, n * sizeof(float));
        else
          for (int l = 0; l < n; l++) out[l * to] = x[l * from];
      }
}

void unary(Unary kernel, const float* x, float* out, Index n) {
  switch (kernel) {
    case NEG: return map(x, out, n, [](Vec v) { return -v; });
    case ABS: return map(x, out, n, [](Vec v) { return absolute(v); });
    case SQUARE: return map(x, out, n, [](Vec v) { return v * v; });
    case RELU: return map(x, out, n, [](Vec v) { return atLeast(v, 0.0f); });
    case SQRT: return map(x, out, n, [](Vec v) { return squareRoot(v); });
    case RECIPROCAL: return map(x, out, n, [](Vec v) { return splat(1.0f) / v; });
    case EXP: return map(x, out, n, [](Vec v) { return exp(v); });
    case LOG: return map(x, out, n, [](Vec v) { return log(v); });
    case TANH: return map(x, out, n, [](Vec v) { return oddTanh(v); });
    case SIGMOID: return map(x, out, n, [](Vec v) { return sigmoid(v); });
  }
}

void binary(Binary kernel, Rows x, Rows y, float* out, Index outRow, Index rows, Index n) {
  const auto run = [&](auto f) { zip(x, y, out, outRow, rows, n, f); };
  const Vec one = splat(1.0f);
  switch (kernel) {
    case ADD: return run([](Vec a, Vec b) { return a + b; });
    case SUB: return run([](Vec a, Vec b) { return a - b; });
    case MUL: return run([](Vec a, Vec b) { return a * b; });
    case DIV: return run([](Vec a, Vec b) { return a / b; });
    case MAXIMUM: return run([](Vec a, Vec b) { return orNaN(select(a > b, a, b), a, b); });
    case MINIMUM: return run([](Vec a, Vec b) { return orNaN(select(a < b, a, b), a, b); });
    // The output on the left, its gradient on the right.
    case SIGMOID_GRADIENT: return run([one](Vec y, Vec dy) { return dy * y * (one - y); });
    case TANH_GRADIENT: return run([one](Vec y, Vec dy) { return dy * (one - y * y); });
    case RELU_GRADIENT: return run([](Vec y, Vec dy) { return select(y <= (Vec){}, (Vec){}, dy); });
  }
}

void accumulate(const float* x, float scale, float* out, Index n) {
  Vec s = splat(scale);
  Index i = 0;
  for (; i + VL <= n; i += VL) store(out + i, load(out + i) + s * load(x + i));
  if (i < n) storePart(out + i, loadPart(out + i, n - i) + s * loadPart(x + i, n - i), n - i);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
