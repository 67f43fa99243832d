#include "inner-products.h"

#include "transpose.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

/** The sums of the lanes of n vectors, in halves down to four lanes and then across; n is rounded up to a multiple of 4. */
INLINE void sumsOfLanes(const float* vectors, int n, float* out) {
  for (int i = 0; i < n; i += 4) {
    Quad q[4];
    for (int j = 0; j < 4; j++) {
      const float* v = vectors + (i + j) * VL;
#if VB == 64
      q[j] = (loadQuad(v) + loadQuad(v + 8)) + (loadQuad(v + 4) + loadQuad(v + 12));
#elif VB == 32
      q[j] = loadQuad(v) + loadQuad(v + 4);
#else
      q[j] = loadQuad(v);
#endif
    }
    turn(q[0], q[1], q[2], q[3]);
    storeQuad(out + i, (q[0] + q[2]) + (q[1] + q[3]));
  }
}

template <int R, int C>
void tile(const InnerProducts& p, float* out) {
  Vec sum[R][C];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) sum[r][c] = (Vec){};
  const float *a = p.a, *b = p.b;
  for (int s = 0; s < p.steps; s++, a += p.aStep, b += p.bStep) {
    int n = 0;
    for (; n + VL <= p.n; n += VL) {
      Vec column[C];
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) column[c] = load(b + c * p.bRow + n);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Vec x = load(a + r * p.aRow + n);
#pragma GCC unroll 8
        for (int c = 0; c < C; c++) sum[r][c] = fma(x, column[c], sum[r][c]);
      }
    }
    if (n == p.n) continue;
    Vec column[C];
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) column[c] = loadPart(b + c * p.bRow + n, p.n - n);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      Vec x = loadPart(a + r * p.aRow + n, p.n - n);
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[r][c] = fma(x, column[c], sum[r][c]);
    }
  }
  float lanes[(R * C + 3) / 4 * 4 * VL] __attribute__((aligned(64)));
  for (int i = R * C; i < (R * C + 3) / 4 * 4; i++) store(lanes + i * VL, (Vec){});
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) store(lanes + (r * C + c) * VL, sum[r][c]);
  sumsOfLanes(lanes, R * C, out);
}

typedef void (*Tile)(const InnerProducts&, float*);
constexpr int MOST = ROWS_OF_INNER;

template <int R>
Tile chooseColumns(int columns) {
  switch (columns) {
    case 1: return tile<R, 1>;
    case 2: return tile<R, 2>;
    case 3: return tile<R, 3>;
    case 4: return tile<R, (MOST > 3 ? 4 : 1)>;
    default: return tile<R, MOST>;
  }
}

Tile choose(int rows, int columns) {
  switch (rows) {
    case 1: return chooseColumns<1>(columns);
    case 2: return chooseColumns<2>(columns);
    case 3: return chooseColumns<3>(columns);
    case 4: return chooseColumns<(MOST > 3 ? 4 : 1)>(columns);
    default: return chooseColumns<MOST>(columns);
  }
}

}  // namespace

void innerProducts(const InnerProducts& p, int rows, int columns, float* out) { choose(rows, columns)(p, out); }

}  // namespace REFRAIN_ISA
}  // namespace refrain
