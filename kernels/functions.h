/** exp, log, tanh and σ of a vector. Each lane's value depends on that lane alone; NaN passes through. */
#pragma once
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

// V is a vector, or several (Vecs) whose chains of instructions are to run side by side.

/** x = n ln 2 + r with |r| ≤ ½ ln 2, in two parts of ln 2. */
template <class V>
INLINE V remainderOfLn2(V x, V n) {
  return fma(n, splat(2.12194440e-4f), fma(n, splat(-0.693359375f), x));
}

/** The same for |n| ≤ 41: rounded once, one part is off by 2e-9 n, less than half a unit of e^r. */
template <class V>
INLINE V remainderOfSmall(V x, V n) {
#if defined(REFRAIN_FUSED)
  return fma(n, splat(-0.693147182f), x);
#else
  return remainderOfLn2(x, n);
#endif
}

/** e^r − 1 = r + r² p(r) for |r| ≤ ½ ln 2: the p of degree 4 that makes the largest error smallest, a twelfth of a unit in the last place of e^r. */
template <class V>
INLINE V smallExponential(V r) {
  V p = fma(r, splat(1.38145394e-3f), splat(8.36874545e-3f));
  p = fma(p, r, splat(4.16683890e-2f));
  p = fma(p, r, splat(1.66665211e-1f));
  p = fma(p, r, splat(4.99999940e-1f));
  return fma(p, r * r, r);
}

/** Adding it to a small number rounds that to an integer, and leaves the integer in the low bits. */
constexpr float ROUND = 12582912.0f;  // 1.5 · 2^23

/** e^x = power · (1 + m) for −87 ≤ x ≤ 88, where the power of two is a normal number. */
template <class V>
struct Exponential {
  V m, power;
};

template <class V>
INLINE Exponential<V> exponential(V x) {
  V rounded = fma(x, splat(1.44269504088896f), splat(ROUND + 127.0f));  // 127 more is the exponent of 2^n
  V n = rounded - splat(ROUND + 127.0f);
  return {smallExponential(remainderOfSmall(x, n)), powerOfLowBits(rounded)};
}

/** A quotient not yet divided, so that several can share one division. */
template <class V>
struct Ratio {
  V p, q;
};

/** tanh x = (e^2x − 1) / (e^2x + 1), within 2 ulp; ±1 in float32 from 9 on. 1 < q < 2^27. */
template <class V>
INLINE Ratio<V> tanhRatio(V x) {
  x = atLeast(atMost(x, 9.1f), -9.1f);
  Exponential<V> e = exponential(x + x);
  V p = fma(e.m, e.power, e.power - splat(1.0f));
  return {p, p + splat(2.0f)};
}

INLINE Vec tanh(Vec x) {
  Ratio<Vec> t = tanhRatio(x);
  return t.p / t.q;
}

/** q of σ(x) = 1/q = 1 / (1 + e^−x); 1 ≤ q < 2^41, so that the product of two and one of tanh's stays in range. */
template <class V>
INLINE V sigmoidDivisor(V x) {
  Exponential<V> e = exponential(atLeast(atMost(x, 28.0f), -28.0f) * splat(-1.0f));
  return fma(e.m, e.power, e.power) + splat(1.0f);
}

/** e^x, within 1 ulp, denormal results included: 2^n in two factors, as it may be out of range where the result is not. */
INLINE Vec exp(Vec x) {
  x = atLeast(atMost(x, 89.0f), -104.0f);
  Vec rounded = fma(x, splat(1.44269504088896f), splat(ROUND));
  Vec m = smallExponential(remainderOfLn2(x, rounded - splat(ROUND)));
  IntVec power = (IntVec)rounded - (IntVec)splat(ROUND), half = power >> 1;
  Vec low = (Vec)((half + 127) << 23), high = (Vec)((power - half + 127) << 23);
  return (m + splat(1.0f)) * low * high;
}

/** σ(x) = 1 / (1 + e^−x) */
INLINE Vec sigmoid(Vec x) { return splat(1.0f) / (splat(1.0f) + exp(-x)); }

/** log x = e ln 2 + log m with m in √½ … √2 (Cephes' polynomial); within 2 ulp. */
INLINE Vec log(Vec x) {
  const Vec one = splat(1.0f);
  IntVec tiny = x < splat(1.17549435e-38f);
  Vec scaled = select(tiny, x * splat(8388608.0f), x);
  IntVec bits = (IntVec)scaled;
  Vec e = __builtin_convertvector((bits >> 23) - 126, Vec) - select(tiny, splat(23.0f), (Vec){});
  Vec m = (Vec)((bits & 0x007fffff) | 0x3f000000);
  IntVec low = m < splat(0.707106781186547524f);
  e -= select(low, one, (Vec){});
  m = m - one + select(low, m, (Vec){});
  Vec s = m * m;
  Vec p = fma(m, splat(7.0376836292e-2f), splat(-1.1514610310e-1f));
  p = fma(p, m, splat(1.1676998740e-1f));
  p = fma(p, m, splat(-1.2420140846e-1f));
  p = fma(p, m, splat(1.4249322787e-1f));
  p = fma(p, m, splat(-1.6668057665e-1f));
  p = fma(p, m, splat(2.0000714765e-1f));
  p = fma(p, m, splat(-2.4999993993e-1f));
  p = fma(p, m, splat(3.3333331174e-1f));
  p = p * m * s;
  p = fma(e, splat(-2.12194440e-4f), p);
  p = fma(s, splat(-0.5f), p);
  Vec result = fma(e, splat(0.693359375f), m + p);
  const Vec infinity = splat(__builtin_inff());
  result = select(x == (Vec){}, -infinity, result);
  result = select(x < (Vec){}, splat(__builtin_nanf("")), result);
  return select((x == infinity) | (x != x), x, result);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
