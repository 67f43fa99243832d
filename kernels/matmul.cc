/**
 * out = a · b (+ bias), or out += a · b: Linear and matmul, every transposition by strides.
 *
 * Two ways, chosen by shape and strides alone:
 *   dots    where few rows or columns meet, unless they are many and short, and both run along k: one dot product per element
 *   panels  columns of b by four vectors, packed side by side, times all rows of a; b is read in place where it is read only once
 */
#include "kernels.h"
#include "product.h"
#include "transpose.h"

namespace refrain {
namespace REFRAIN_ISA {

namespace {

constexpr int ROWS_AT_ONCE = 48;
/** With fewer rows than this, packing b costs more than reading it with a stride. */
constexpr int ROWS_WORTH_PACKING = 24;
constexpr int FEW = 4;
/** A dot product of fewer numbers is mostly the sum of its lanes. */
constexpr int SHORT = 64;

bool asDots(const Matmul& m) {
  bool bothAlongK = m.aColumn == 1 && m.bRow == 1 && (m.bColumn != 1 || m.N == 1);
  bool manyShort = m.K < SHORT && m.M > ROWS_AT_ONCE;
  return bothAlongK && (m.M <= FEW || (m.N <= FEW && !manyShort));
}

struct Share {
  Index first, last;
  Share(Index n, const Team& team) : first(n * team.index / team.count), last(n * (team.index + 1) / team.count) {}
};

float dot(const float* a, const float* b, int K) {
  Vec even = {}, odd = {};
  int k = 0;
  for (; k + 2 * VL <= K; k += 2 * VL) {
    even = fma(load(a + k), load(b + k), even);
    odd = fma(load(a + k + VL), load(b + k + VL), odd);
  }
  for (; k < K; k += VL) even = fma(loadPart(a + k, K - k), loadPart(b + k, K - k), even);
  return sumLanes(even + odd);
}

void dots(const Matmul& m, const Team& team) {
  Share rows(m.M, team);
  for (Index r = rows.first; r < rows.last; r++)
    for (int c = 0; c < m.N; c++) {
      float value = dot(m.a + r * m.aRow, m.b + c * m.bColumn, m.K);
      if (m.bias) value += m.bias[c];
      float* out = m.out + r * m.outRow + c;
      *out = m.accumulate ? *out + value : value;
    }
}

struct Panels {
  const Matmul& m;
  bool inPlace;  // full vectors of b are read where they lie
  int groups;

  explicit Panels(const Matmul& m)
      : m(m), inPlace(m.bColumn == 1 && m.M < ROWS_WORTH_PACKING), groups(ceilDiv(m.N, WIDTH)) {}

  int vectorsOf(int group) const { return (int)smaller(4, ceilDiv(m.N - group * WIDTH, VL)); }
  int columnsOf(int group) const { return (int)smaller(WIDTH, m.N - group * WIDTH); }
  bool isPacked(int group) const { return !inPlace || columnsOf(group) % VL != 0; }
  float* panel(int group) const { return m.workspace + (Index)group * m.K * WIDTH; }

  void pack(int group) const {
    int columns = columnsOf(group), width = vectorsOf(group) * VL;
    const float* from = m.b + group * WIDTH * m.bColumn;
    float* out = panel(group);
    if (m.bColumn == 1) {
      for (int k = 0; k < m.K; k++)
        for (int c = 0; c < width; c += VL) store(out + (Index)k * width + c, loadPart(from + k * m.bRow + c, columns - c));
      return;
    }
    if (columns < width)
      for (int k = 0; k < m.K; k++) store(out + (Index)k * width + width - VL, (Vec){});
    if (m.bRow == 1)
      transpose(from, m.bColumn, out, width, columns, m.K);
    else
      for (int k = 0; k < m.K; k++)
        for (int c = 0; c < columns; c++) out[(Index)k * width + c] = from[k * m.bRow + c * m.bColumn];
  }

  void multiply(int group, Index row, int rows) const {
    float sums[ROWS_AT_ONCE * WIDTH] __attribute__((aligned(64)));
    int vectors = vectorsOf(group);
    Product p = {};
    p.a = m.a + row * m.aRow;
    p.aRow = m.aRow;
    p.aStep = m.aColumn;
    p.b = isPacked(group) ? panel(group) : m.b + group * WIDTH;
    p.bStep = isPacked(group) ? vectors * VL : m.bRow;
    p.length = m.K;
    p.start = ZEROS;
    p.out = sums;
    p.outRow = WIDTH;
    if (m.M == 1)
      productSplit(p, rows, vectors);
    else
      product(p, rows, vectors);
    for (int r = 0; r < rows; r++) {
      float* out = m.out + (row + r) * m.outRow + group * WIDTH;
      for (int c = 0; c < columnsOf(group); c += VL) {
        int lanes = columnsOf(group) - c;
        Vec value = load(sums + r * WIDTH + c);
        if (m.bias) value += loadPart(m.bias + group * WIDTH + c, lanes);
        if (m.accumulate) value += loadPart(out + c, lanes);
        storePart(out + c, value, lanes);
      }
    }
  }

  void run(const Team& team) const {
    Share packing(groups, team);
    for (int g = (int)packing.first; g < packing.last; g++)
      if (isPacked(g)) pack(g);
    team.meet();
    Index blocks = ceilDiv(m.M, ROWS_AT_ONCE);
    Share share(blocks * groups, team);
    for (Index i = share.first; i < share.last; i++) {
      Index row = i / groups * ROWS_AT_ONCE;
      multiply((int)(i % groups), row, (int)smaller(ROWS_AT_ONCE, m.M - row));
    }
  }
};

}  // namespace

double matmulWorkspace(const Matmul& m) { return asDots(m) ? 0 : (double)m.K * ceilDiv(m.N, WIDTH) * WIDTH; }

void matmul(const Matmul& m, const Team& team) {
  FlushDenormals flush;
  if (asDots(m))
    dots(m, team);
  else
    Panels(m).run(team);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
