/** out[c][r] = in[r][c]: weights go into panels by it, and gradients come out. */
#pragma once
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

typedef float Quad __attribute__((vector_size(16)));
typedef float LooseQuad __attribute__((vector_size(16), aligned(4), may_alias));

#if defined(__clang__)
#define SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int32_t QuadIndex __attribute__((vector_size(16)));
#define SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, (QuadIndex){i, j, k, l})
#endif

/** Four rows of four become four columns. */
INLINE void turn(Quad& a, Quad& b, Quad& c, Quad& d) {
  Quad abLow = SHUFFLE(a, b, 0, 4, 1, 5), abHigh = SHUFFLE(a, b, 2, 6, 3, 7);
  Quad cdLow = SHUFFLE(c, d, 0, 4, 1, 5), cdHigh = SHUFFLE(c, d, 2, 6, 3, 7);
  a = SHUFFLE(abLow, cdLow, 0, 1, 4, 5);
  b = SHUFFLE(abLow, cdLow, 2, 3, 6, 7);
  c = SHUFFLE(abHigh, cdHigh, 0, 1, 4, 5);
  d = SHUFFLE(abHigh, cdHigh, 2, 3, 6, 7);
}

INLINE Quad loadQuad(const float* p) { return (Quad) * (const LooseQuad*)p; }
INLINE void storeQuad(float* p, Quad q) { *(LooseQuad*)p = (LooseQuad)q; }

/** In squares of four; the last ones in a row or column overlap those before. in and out must not. */
static inline void transpose(const float* in, Index inRow, float* out, Index outRow, Index rows, Index columns) {
  if (rows < 4 || columns < 4) {
    for (Index r = 0; r < rows; r++)
      for (Index c = 0; c < columns; c++) out[c * outRow + r] = in[r * inRow + c];
    return;
  }
  for (Index i = 0; i < rows; i += 4) {
    Index r = smaller(i, rows - 4);
    for (Index j = 0; j < columns; j += 4) {
      Index c = smaller(j, columns - 4);
      Quad q[4];
      for (int n = 0; n < 4; n++) q[n] = loadQuad(in + (r + n) * inRow + c);
      turn(q[0], q[1], q[2], q[3]);
      for (int n = 0; n < 4; n++) storeQuad(out + (c + n) * outRow + r, q[n]);
    }
  }
}

#undef SHUFFLE

}  // namespace REFRAIN_ISA
}  // namespace refrain
