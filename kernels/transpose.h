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

#if VB == 64
/** Sixteen rows of sixteen: squares of 2, then of 4, then the quarters of the vectors. */
INLINE void turn(__m512 (&r)[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; j++) {
      __m512d a = (__m512d)t[i + j], b = (__m512d)t[i + j + 2];
      r[i + 2 * j] = (__m512)_mm512_unpacklo_pd(a, b);
      r[i + 2 * j + 1] = (__m512)_mm512_unpackhi_pd(a, b);
    }
  for (int j = 0; j < 4; j++) {
    __m512 abLow = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x44), abHigh = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xee);
    __m512 cdLow = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x44), cdHigh = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xee);
    r[j] = _mm512_shuffle_f32x4(abLow, cdLow, 0x88);
    r[4 + j] = _mm512_shuffle_f32x4(abLow, cdLow, 0xdd);
    r[8 + j] = _mm512_shuffle_f32x4(abHigh, cdHigh, 0x88);
    r[12 + j] = _mm512_shuffle_f32x4(abHigh, cdHigh, 0xdd);
  }
}

static inline void square16(const float* in, Index inRow, float* out, Index outRow) {
  __m512 rows[16];
  for (int n = 0; n < 16; n++) rows[n] = _mm512_loadu_ps(in + n * inRow);
  turn(rows);
  for (int n = 0; n < 16; n++) _mm512_storeu_ps(out + n * outRow, rows[n]);
}

/** The same for up to sixteen rows of up to sixteen. */
static inline void part16(const float* in, Index inRow, float* out, Index outRow, Index rows, Index columns) {
  __m512 r[16];
#pragma GCC unroll 16
  for (int n = 0; n < 16; n++) r[n] = n < rows ? (__m512)loadPart(in + n * inRow, columns) : _mm512_setzero_ps();
  turn(r);
#pragma GCC unroll 16
  for (int n = 0; n < 16; n++)
    if (n < columns) storePart(out + n * outRow, (Vec)r[n], rows);
}

/** With fewer rows or columns than this, squares of four are faster than a part of one of sixteen. */
constexpr Index WORTH_A_PART = 8;
#endif

static inline void square4(const float* in, Index inRow, float* out, Index outRow) {
  Quad q[4];
  for (int n = 0; n < 4; n++) q[n] = loadQuad(in + n * inRow);
  turn(q[0], q[1], q[2], q[3]);
  for (int n = 0; n < 4; n++) storeQuad(out + n * outRow, q[n]);
}

/** Calls f(row, column) for each square of a matrix; the last ones in a row or column overlap those before. */
template <class F>
INLINE void eachSquare(Index side, Index rows, Index columns, F f) {
  for (Index r = 0; r < rows; r += side)
    for (Index c = 0; c < columns; c += side) f(smaller(r, rows - side), smaller(c, columns - side));
}

/** in and out must not overlap. */
static inline void transpose(const float* in, Index inRow, float* out, Index outRow, Index rows, Index columns) {
#if VB == 64
  if (rows >= 16 && columns >= 16)
    return eachSquare(16, rows, columns, [&](Index r, Index c) { square16(in + r * inRow + c, inRow, out + c * outRow + r, outRow); });
  if (rows * columns >= 16 * WORTH_A_PART && smaller(rows, columns) >= WORTH_A_PART) {
    for (Index r = 0; r < rows; r += 16)
      for (Index c = 0; c < columns; c += 16)
        part16(in + r * inRow + c, inRow, out + c * outRow + r, outRow, smaller(16, rows - r), smaller(16, columns - c));
    return;
  }
#endif
  if (rows >= 4 && columns >= 4)
    return eachSquare(4, rows, columns, [&](Index r, Index c) { square4(in + r * inRow + c, inRow, out + c * outRow + r, outRow); });
  for (Index r = 0; r < rows; r++)
    for (Index c = 0; c < columns; c++) out[c * outRow + r] = in[r * inRow + c];
}

#undef SHUFFLE

}  // namespace REFRAIN_ISA
}  // namespace refrain
