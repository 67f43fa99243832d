/**
 * Products of rows with rows, both along the lanes: gradients of weights where the lanes are sequences.
 *
 *   out[r][c] = Σ_s Σ_n a[s][r][n] · b[s][c][n]
 *
 * A lane is summed in the order of s and n, one fused multiply-add each, then the lanes in halves; an element depends on its own two
 * rows alone.
 */
#pragma once
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

struct InnerProducts {
  /** a[s][r][·] = a[s · aStep + r · aRow …], and b alike. */
  const float* a;
  Index aStep, aRow;
  const float* b;
  Index bStep, bRow;
  int steps, n;
};

/** Rows of a and of b that one call takes, at most. */
#if VB == 64 || defined(__aarch64__)
constexpr int ROWS_OF_INNER = 5;
#else
constexpr int ROWS_OF_INNER = 3;
#endif

/** Room for the results of one call. */
constexpr int MOST_OF_INNER = (ROWS_OF_INNER * ROWS_OF_INNER + 3) / 4 * 4;

/** out [rows][columns], rows and columns from 1 to ROWS_OF_INNER; out has room for MOST_OF_INNER. */
void innerProducts(const InnerProducts& p, int rows, int columns, float* out);

}  // namespace REFRAIN_ISA
}  // namespace refrain
