/**
 * What a cell does between the two products of a step: gates and states from the sums, forward; gradients of the gates from that of
 * h, backward. The letters are those of recurrent.ts. Each function does some rows of a vector; what the lanes of a vector are (hidden
 * units, or sequences) it does not know.
 *
 * A pointer goes with the distance between its rows; `gate` is the distance between the gates of a row. It may be less than a vector
 * (recurrent.h), which then reaches into the next gate. Gates are therefore read before any is written, and written in their order.
 */
#pragma once
#include "functions.h"
#include "product.h"

namespace refrain {
namespace REFRAIN_ISA {

/** Rows whose chains of instructions run side by side: as the registers allow. */
#if VB == 64 || defined(__aarch64__)
constexpr int ROWS_ABREAST = 4;
#elif VB == 32
constexpr int ROWS_ABREAST = 2;
#else
constexpr int ROWS_ABREAST = 1;
#endif

template <int n>
struct Count {
  static constexpr int N = n;
};

/** Calls f with a count of rows that is known when compiled: as many as go abreast, then the rest one by one. */
template <int most, class F>
INLINE void abreast(int rows, F f) {
  int r = 0;
  for (; r + most <= rows; r += most) f(r, Count<most>{});
  for (; r < rows; r++) f(r, Count<1>{});
}

/**
 * c′ = f ⊙ c + i ⊙ g,  h′ = o ⊙ tanh c′. Sums and gates of a row are i f g o; the rows of c, cNext and tanhC lie alike. Without training
 * `gates` and `tanhC` are null and cNext may be c.
 *
 * Divisions are dear: i, f and g, which meet in c′ anyway, share one, and o shares one with tanh c′. `most` rows go abreast.
 */
template <int most>
INLINE void lstmForward(int rows, const float* sums, Index sumsRow, Index sumsGate, float* gates, Index gatesRow, Index gate, const float* c,
                        float* cNext, float* tanhC, Index cRow, float* h, Index hRow) {
  abreast<most>(rows, [&](int r, auto count) __attribute__((always_inline)) {
    constexpr int N = decltype(count)::N;
    Vecs<N> oDivisor, cValue;
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      const float* sum = sums + (r + n) * sumsRow;
      Vecs<3> divisors = sigmoidDivisor(Vecs<3>{load(sum), load(sum + sumsGate), load(sum + 3 * sumsGate)});
      Ratio<Vec> g = tanhRatio(load(sum + 2 * sumsGate));
      Vec iDivisor = divisors.v[0], fDivisor = divisors.v[1];
      oDivisor.v[n] = divisors.v[2];
      Vec iAndF = iDivisor * fDivisor;
      Vec inverse = splat(1.0f) / (iAndF * g.q), inverseG = inverse * g.q;
      Vec i = inverseG * fDivisor;
      Vec f = inverseG * iDivisor;
      Vec gValue = g.p * (inverse * iAndF);
      cValue.v[n] = withoutTiny(fma(f, load(c + (r + n) * cRow), i * gValue));
      if (gates == nullptr) continue;
      float* to = gates + (r + n) * gatesRow;
      store(to, i);
      store(to + gate, f);
      store(to + 2 * gate, gValue);
    }
    Ratio<Vecs<N>> t = tanhRatio(cValue);
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      Vec inverse = splat(1.0f) / (oDivisor.v[n] * t.q.v[n]);
      Vec o = inverse * t.q.v[n];
      Vec tanhOfC = t.p.v[n] * (inverse * oDivisor.v[n]);
      store(cNext + (r + n) * cRow, cValue.v[n]);
      store(h + (r + n) * hRow, withoutTiny(o * tanhOfC));
      if (gates == nullptr) continue;
      store(tanhC + (r + n) * cRow, tanhOfC);
      store(gates + (r + n) * gatesRow + 3 * gate, o);
    }
  });
}

/**
 * do = dh ⊙ tanh c′ ⊙ o(1 − o),  dc += dh ⊙ o ⊙ (1 − tanh² c′),  di = dc ⊙ g ⊙ i(1 − i),  df = dc ⊙ c ⊙ f(1 − f),
 * dg = dc ⊙ i ⊙ (1 − g²), and f ⊙ dc goes on to the step before.
 */
INLINE void lstmBackward(Index gate, Vec dh, const float* c, const float* tanhC, float* dc, float* gates) {
  const Vec one = splat(1.0f);
  Vec i = load(gates), f = load(gates + gate), g = load(gates + 2 * gate), o = load(gates + 3 * gate), t = load(tanhC);
  dh = withoutTiny(dh);
  Vec dcValue = withoutTiny(fma(dh * o, one - t * t, load(dc)));
  store(gates, dcValue * g * (i * (one - i)));
  store(gates + gate, dcValue * load(c) * (f * (one - f)));
  store(gates + 2 * gate, dcValue * i * (one - g * g));
  store(gates + 3 * gate, dh * t * (o * (one - o)));
  store(dc, dcValue * f);
}

/** h′ = n′ + z ⊙ (h − n′),  n′ = tanh(n + r ⊙ m). Sums of a row are n r z m, with biases; gates are saved as n′ r z m. */
INLINE void gruForward(int rows, const float* sums, Index sumsRow, Index sumsGate, float* gates, Index gatesRow, Index gate, const float* h,
                       float* hNext, Index hRow) {
  abreast<ROWS_ABREAST>(rows, [&](int r, auto count) __attribute__((always_inline)) {
    constexpr int N = decltype(count)::N;
    Vecs<N> rValue, zValue, sum, m;
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      const float* row = sums + (r + n) * sumsRow;
      Vecs<2> divisors = sigmoidDivisor(Vecs<2>{load(row + sumsGate), load(row + 2 * sumsGate)});
      Vec inverse = splat(1.0f) / (divisors.v[0] * divisors.v[1]);
      rValue.v[n] = inverse * divisors.v[1];
      zValue.v[n] = inverse * divisors.v[0];
      m.v[n] = load(row + 3 * sumsGate);
      sum.v[n] = fma(rValue.v[n], m.v[n], load(row));
    }
    Ratio<Vecs<N>> t = tanhRatio(sum);
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      Vec value = t.p.v[n] / t.q.v[n];
      store(hNext + (r + n) * hRow, withoutTiny(fma(zValue.v[n], load(h + (r + n) * hRow) - value, value)));
      if (gates == nullptr) continue;
      float* to = gates + (r + n) * gatesRow;
      store(to, value);
      store(to + gate, rValue.v[n]);
      store(to + 2 * gate, zValue.v[n]);
      store(to + 3 * gate, m.v[n]);
    }
  });
}

/** dn = dh ⊙ (1 − z) ⊙ (1 − n′²),  dr = dn ⊙ m ⊙ r(1 − r),  dz = dh ⊙ (h − n′) ⊙ z(1 − z),  dm = dn ⊙ r, and z ⊙ dh goes on. */
INLINE void gruBackward(Index gate, Vec dh, const float* h, float* carried, float* gates) {
  const Vec one = splat(1.0f);
  Vec n = load(gates), r = load(gates + gate), z = load(gates + 2 * gate), m = load(gates + 3 * gate);
  dh = withoutTiny(dh);
  Vec dn = dh * (one - z) * (one - n * n);
  store(gates, dn);
  store(gates + gate, dn * m * (r * (one - r)));
  store(gates + 2 * gate, dh * (load(h) - n) * (z * (one - z)));
  store(gates + 3 * gate, dn * r);
  store(carried, dh * z);
}

/** h′ = tanh(sum) or relu(sum). */
INLINE void rnnForward(int rows, bool relu, const float* sums, Index sumsRow, float* h, Index hRow) {
  if (relu) {
    for (int r = 0; r < rows; r++) store(h + r * hRow, withoutTiny(atLeast(load(sums + r * sumsRow), 0.0f)));
    return;
  }
  abreast<ROWS_ABREAST>(rows, [&](int r, auto count) __attribute__((always_inline)) {
    constexpr int N = decltype(count)::N;
    Ratio<Vecs<N>> t = tanhRatio(each<N>([&](int n) __attribute__((always_inline)) { return load(sums + (r + n) * sumsRow); }));
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) store(h + (r + n) * hRow, withoutTiny(t.p.v[n] / t.q.v[n]));
  });
}

/** dh ⊙ (1 − h²), or dh where h > 0; where h is NaN the gradient of relu passes, as in PyTorch. */
INLINE void rnnBackward(Vec dh, bool relu, const float* h, float* gate) {
  Vec value = load(h);
  dh = withoutTiny(dh);
  store(gate, relu ? select(value <= (Vec){}, (Vec){}, dh) : dh * (splat(1.0f) - value * value));
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
