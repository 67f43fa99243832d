/**
 * The product of a few rows and up to four vectors of columns, in registers: the one inner loop of every matrix product here,
 * forward, backward, gradients of weights, Linear.
 *
 *   out[r][·]  = start[r][·] + Σ_k a[r][k] · b[k][·]      or, where it adds,
 *   out[r][·] += start[r][·] + Σ_k a[r][k] · b[k][·]
 *
 * The sum over k runs in order, one fused multiply-add each, whatever the tile. An element's value depends on its own row
 * and column alone, which is why the number of threads cannot change it.
 */
#pragma once
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

/** Four vectors side by side: the width of a tile, of a packed panel, of a hidden block's gates. */
constexpr int WIDTH = 4 * VL;

struct Product {
  /** a[r][k] = a[r · aRow + segment · aSegment + i · aStep]: k counts i through a segment's `length`, then the segments. */
  const float* a;
  Index aRow, aStep;
  /** b[k][·] = b[k · bStep …], the vectors side by side. */
  const float* b;
  Index bStep;
  int length;
  /** What the sums start from; a step of 0 gives every row the same. */
  const float* start;
  Index startRow;
  float* out;
  Index outRow;
  int segments = 1;
  Index aSegment = 0;
  /** The whole sum is added to what `out` holds. */
  bool adds = false;
};

/** For sums that start from nothing: a row of zeros, with a step of 0. */
extern const float ZEROS[WIDTH];

/** Any number of rows, 1 to 4 vectors. */
void product(const Product& p, int rows, int vectors);

/**
 * The same for a single row, or a few whose sums over k are split and added at the end. One row leaves the multipliers idle for want of
 * independent sums. To be chosen by the shape of a whole call, as the result differs in the last bit.
 */
void productSplit(const Product& p, int rows, int vectors);

/** How far a second product's arrays lie behind those of a first. */
struct Behind {
  Index b, start, out;
};

/**
 * Two products of a single row, the same for both, which make enough independent sums without a split. 3 or 4 vectors each; the elements of
 * the row and the rows of b lie side by side, in one segment, and nothing is added.
 */
void productOfTwo(const Product& p, const Behind& second, int vectors);

}  // namespace REFRAIN_ISA
}  // namespace refrain
