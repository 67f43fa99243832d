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

static inline void transpose(const float* in, Index inRow, float* out, Index outRow, Index rows, Index columns) {
  Index r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float* from = in + r * inRow;
    Index c = 0;
    for (; c + 4 <= columns; c += 4) {
      Quad a = *(const LooseQuad*)(from + c), b = *(const LooseQuad*)(from + inRow + c);
      Quad d = *(const LooseQuad*)(from + 2 * inRow + c), e = *(const LooseQuad*)(from + 3 * inRow + c);
      Quad abLow = SHUFFLE(a, b, 0, 4, 1, 5), abHigh = SHUFFLE(a, b, 2, 6, 3, 7);
      Quad deLow = SHUFFLE(d, e, 0, 4, 1, 5), deHigh = SHUFFLE(d, e, 2, 6, 3, 7);
      float* to = out + c * outRow + r;
      *(LooseQuad*)to = SHUFFLE(abLow, deLow, 0, 1, 4, 5);
      *(LooseQuad*)(to + outRow) = SHUFFLE(abLow, deLow, 2, 3, 6, 7);
      *(LooseQuad*)(to + 2 * outRow) = SHUFFLE(abHigh, deHigh, 0, 1, 4, 5);
      *(LooseQuad*)(to + 3 * outRow) = SHUFFLE(abHigh, deHigh, 2, 3, 6, 7);
    }
    for (; c < columns; c++)
      for (int i = 0; i < 4; i++) out[c * outRow + r + i] = from[i * inRow + c];
  }
  for (; r < rows; r++)
    for (Index c = 0; c < columns; c++) out[c * outRow + r] = in[r * inRow + c];
}

#undef SHUFFLE

}  // namespace REFRAIN_ISA
}  // namespace refrain
