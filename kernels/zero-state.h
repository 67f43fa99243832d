/**
 * A pass mostly starts from zeros, and then needs no product with them at its first step: a seventh of what seven steps multiply, forward
 * and in the gradient of the weights. What is left out would add zero to a sum, so no bit changes; where the other factor is infinite or
 * NaN it would not be zero, and nothing is left out.
 */
#pragma once
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

INLINE bool noBits(IntVec bits) {
  int32_t any = 0;
  for (int l = 0; l < VL; l++) any |= bits[l];
  return any == 0;
}

/** Whether all of some rows of n numbers are zero. */
INLINE bool allZero(const float* p, Index rows, Index row, Index n) {
  IntVec bits = {};
  for (Index r = 0; r < rows; r++)
    for (Index i = 0; i < n; i += VL) bits |= (IntVec)absolute(loadPart(p + r * row + i, n - i));
  return noBits(bits);
}

/** Whether none of some rows of n numbers is infinite or NaN. */
INLINE bool allFinite(const float* p, Index rows, Index row, Index n) {
  const IntVec infinity = (IntVec)splat(__builtin_inff());
  IntVec bad = {};
  for (Index r = 0; r < rows; r++)
    for (Index i = 0; i < n; i += VL) bad |= (IntVec)absolute(loadPart(p + r * row + i, n - i)) >= infinity;
  return noBits(bad);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
