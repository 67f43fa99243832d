#include "product.h"

namespace refrain {
namespace REFRAIN_ISA {

// A tile is as many accumulators, plus a vector of b per column and one broadcast, as the registers hold.
// Eight sums keep two multipliers busy, each four cycles long: a single column takes eight rows.
#if VB == 64 || defined(__aarch64__)
constexpr int COLUMNS = 4;
constexpr int rowsFor(int columns) { return columns == 1 ? 8 : 6; }
#elif VB == 32
constexpr int COLUMNS = 2;
constexpr int rowsFor(int columns) { return columns == 1 ? 8 : 6; }
#elif defined(__wasm__)
constexpr int COLUMNS = 4;
// Engines keep some registers to themselves, and a tile that wants one more stores and loads a sum in every step. Six sums hide the time of an
// addition.
#if defined(__wasm_relaxed_simd__)
constexpr int rowsFor(int columns) { return columns == 1 ? 6 : columns == 2 ? 4 : columns == 3 ? 3 : 2; }
#else  // a product needs a register of its own
constexpr int rowsFor(int columns) { return columns == 1 ? 6 : columns == 2 ? 4 : 2; }
#endif
#else
constexpr int COLUMNS = 2;
constexpr int rowsFor(int) { return 5; }
#endif

alignas(64) const float ZEROS[WIDTH] = {};

namespace {

// Two to three per cent in long sums; elsewhere it has not been measured, and costs size.
#if defined(__x86_64__)
#define UNROLL_K _Pragma("GCC unroll 4")
#else
#define UNROLL_K
#endif

template <int R, int C>
void tile(const Product& p) {
  Vec sum[R][C];
  const float* a[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    a[r] = p.a + r * p.aRow;
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) sum[r][c] = load(p.start + r * p.startRow + c * VL);
  }
  // What the sums will be added to comes from afar, and while they are made there is time.
  if (p.adds) {
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 8
      for (int c = 0; c < C; c += 16 / VL) __builtin_prefetch(p.out + r * p.outRow + c * VL, 1);
  }
  const float* b = p.b;
  for (int s = 0; s < p.segments; s++) {
    Index at = s * p.aSegment;
    UNROLL_K for (int k = 0; k < p.length; k++) {
      Vec column[C];
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) column[c] = load(b + c * VL);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        Vec x = splat(a[r][at]);
#pragma GCC unroll 8
        for (int c = 0; c < C; c++) sum[r][c] = fma(x, column[c], sum[r][c]);
      }
      at += p.aStep;
      b += p.bStep;
    }
  }
  if (p.adds) {
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[r][c] += load(p.out + r * p.outRow + c * VL);
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) store(p.out + r * p.outRow + c * VL, sum[r][c]);
}

/** Into how many a row's sum over k is split. */
constexpr int splitsFor(int columns) { return columns <= 2 ? 4 : 2; }

template <int C>
void splitTile(const Product& p) {
  constexpr int S = splitsFor(C);
  Vec sum[S][C];
#pragma GCC unroll 8
  for (int i = 0; i < S; i++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) sum[i][c] = i == 0 ? load(p.start + c * VL) : (Vec){};
  const float* b = p.b;
  for (int s = 0; s < p.segments; s++) {
    const float* a = p.a + s * p.aSegment;
    int k = 0;
    for (; k + S <= p.length; k += S) {
#pragma GCC unroll 8
      for (int i = 0; i < S; i++) {
        Vec x = splat(a[i * p.aStep]);
#pragma GCC unroll 8
        for (int c = 0; c < C; c++) sum[i][c] = fma(x, load(b + i * p.bStep + c * VL), sum[i][c]);
      }
      a += S * p.aStep;
      b += S * p.bStep;
    }
#pragma GCC unroll 8
    for (int i = 0; i < S - 1; i++) {
      if (k + i >= p.length) break;
      Vec x = splat(a[i * p.aStep]);
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[i][c] = fma(x, load(b + c * VL), sum[i][c]);
      b += p.bStep;
    }
  }
#pragma GCC unroll 3
  for (int half = S / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; i++)
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[i][c] = sum[i][c] + sum[i + half][c];
  if (p.adds) {
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) sum[0][c] += load(p.out + c * VL);
  }
#pragma GCC unroll 8
  for (int c = 0; c < C; c++) store(p.out + c * VL, sum[0][c]);
}

template <int C>
void tileOfTwo(const Product& p, const Behind& second) {
  Vec sum[2][C];
#pragma GCC unroll 4
  for (int c = 0; c < C; c++) {
    sum[0][c] = load(p.start + c * VL);
    sum[1][c] = load(p.start + second.start + c * VL);
  }
  const float *a = p.a, *b = p.b, *other = p.b + second.b;
  for (int k = 0; k < p.length; k++, b += C * VL, other += C * VL) {
    Vec x = splat(a[k]);
#pragma GCC unroll 4
    for (int c = 0; c < C; c++) {
      sum[0][c] = fma(x, load(b + c * VL), sum[0][c]);
      sum[1][c] = fma(x, load(other + c * VL), sum[1][c]);
    }
  }
#pragma GCC unroll 4
  for (int c = 0; c < C; c++) {
    store(p.out + c * VL, sum[0][c]);
    store(p.out + second.out + c * VL, sum[1][c]);
  }
}

typedef void (*Tile)(const Product&);

template <int R, int C>
constexpr Tile tileOrSmaller = tile<(R < rowsFor(C) ? R : rowsFor(C)), C>;

template <int R>
Tile chooseColumns(int vectors) {
  if (vectors == 1) return tileOrSmaller<R, 1>;
  if (COLUMNS == 2 || vectors == 2) return tileOrSmaller<R, 2>;
  return vectors == 3 ? tileOrSmaller<R, (COLUMNS > 2 ? 3 : 1)> : tileOrSmaller<R, (COLUMNS > 2 ? 4 : 1)>;
}

Tile choose(int rows, int vectors) {
  switch (rows) {
    case 1: return chooseColumns<1>(vectors);
    case 2: return chooseColumns<2>(vectors);
    case 3: return chooseColumns<3>(vectors);
    case 4: return chooseColumns<4>(vectors);
    case 5: return chooseColumns<5>(vectors);
    case 6: return chooseColumns<6>(vectors);
    case 7: return chooseColumns<7>(vectors);
    default: return chooseColumns<8>(vectors);
  }
}

Tile chooseSplit(int vectors) {
  if (vectors == 1) return splitTile<1>;
  if (COLUMNS == 2 || vectors == 2) return splitTile<2>;
  return vectors == 3 ? splitTile<(COLUMNS > 2 ? 3 : 1)> : splitTile<(COLUMNS > 2 ? 4 : 1)>;
}

/** The vectors that one tile can take are done at a time. */
template <class Rows>
void acrossColumns(const Product& p, int vectors, Rows rows) {
  for (int c = 0; c < vectors; c += COLUMNS) {
    Product part = p;
    part.b += c * VL;
    part.start += c * VL;
    part.out += c * VL;
    rows(part, (int)smaller(vectors - c, COLUMNS));
  }
}

}  // namespace

void product(const Product& p, int rows, int vectors) {
  if (rows == 0) return;  // a thread without a share
  acrossColumns(p, vectors, [rows](Product& part, int columns) {
    // Tiles as equal as can be: 8 rows are 4 + 4 and not 6 + 2, which would leave the multipliers waiting.
    int tiles = ceilDiv(rows, rowsFor(columns)), small = rows / tiles, larger = rows % tiles;
    for (int i = 0; i < tiles; i++) {
      int n = small + (i < larger);
      choose(n, columns)(part);
      part.a += n * part.aRow;
      part.start += n * part.startRow;
      part.out += n * part.outRow;
    }
  });
}

void productSplit(const Product& p, int rows, int vectors) {
  acrossColumns(p, vectors, [rows](Product& part, int columns) {
    Tile tile = chooseSplit(columns);
    for (int i = 0; i < rows; i++) {
      tile(part);
      part.a += part.aRow;
      part.start += part.startRow;
      part.out += part.outRow;
    }
  });
}

void productOfTwo(const Product& p, const Behind& second, int vectors) {
  if (vectors == 3)
    tileOfTwo<3>(p, second);
  else
    tileOfTwo<4>(p, second);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
