/**
 * Sums and softmax. Long sums are made of short ones (a block in float32 lanes, the blocks in float64), so that their error does not
 * grow with their length.
 */
#include "functions.h"
#include "kernels.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

constexpr Index BLOCK = 64 * VL;
constexpr Index ROWS_OF_BLOCK = 128;

/** Σ f(i) over the vectors of n elements; f gets an offset and how many lanes count. */
template <class F>
double blockedSum(Index n, F f) {
  double total = 0;
  for (Index from = 0; from < n; from += BLOCK) {
    Index end = smaller(n, from + BLOCK), i = from;
    Vec a = {}, b = {};
    for (; i + 2 * VL <= end; i += 2 * VL) {
      a += f(i, VL);
      b += f(i + VL, VL);
    }
    for (; i < end; i += VL) a += f(i, end - i);
    total += sumLanes(a + b);
  }
  return total;
}

}  // namespace

void sum(const float* x, float* out, Index outer, Index n, Index inner) {
  if (inner == 1) {
    for (Index o = 0; o < outer; o++) {
      const float* row = x + o * n;
      out[o] = (float)blockedSum(n, [row](Index i, Index lanes) { return loadPart(row + i, lanes); });
    }
    return;
  }
  for (Index o = 0; o < outer; o++, x += n * inner, out += inner)
    for (Index c = 0; c < inner; c += VL) {
      Index lanes = inner - c;
      Vec total = {};
      for (Index from = 0; from < n; from += ROWS_OF_BLOCK) {
        Vec part = {};
        for (Index i = from; i < smaller(n, from + ROWS_OF_BLOCK); i++) part += loadPart(x + i * inner + c, lanes);
        total += part;
      }
      storePart(out + c, total, lanes);
    }
}

double squaredErrorSum(const float* x, const float* y, Index n) {
  return blockedSum(n, [x, y](Index i, Index lanes) {
    Vec d = loadPart(x + i, lanes) - loadPart(y + i, lanes);
    return d * d;
  });
}

double squaredNorm(const float* x, Index n) {
  return blockedSum(n, [x](Index i, Index lanes) {
    Vec v = loadPart(x + i, lanes);
    return v * v;
  });
}

void softmax(const float* x, float* out, Index rows, Index n, bool logarithm) {
  for (Index r = 0; r < rows; r++, x += n, out += n) {
    float largest = x[0];
    for (Index i = 1; i < n; i++) largest = x[i] > largest || x[i] != x[i] ? x[i] : largest;
    Vec shift = splat(largest);
    double total = 0;
    for (Index i = 0; i < n; i += VL) {
      Vec e = exp(loadPart(x + i, n - i) - shift);
      float lanes[VL];
      store(lanes, e);
      for (Index l = 0; l < smaller(VL, n - i); l++) total += lanes[l];
      if (!logarithm) storePart(out + i, e, n - i);
    }
    Vec scale = splat((float)(1.0 / total));
    Vec offset = shift + log(splat((float)total));
    for (Index i = 0; i < n; i += VL)
      storePart(out + i, logarithm ? loadPart(x + i, n - i) - offset : loadPart(out + i, n - i) * scale, n - i);
  }
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
