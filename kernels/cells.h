/**
 * What a cell does between the two products of a step: gates and states from the sums, forward; gradients of the gates from that of
 * h, backward. The letters are those of recurrent.ts. Rows are sequences; each function does one block of hidden units.
 *
 * `step` is the distance between the gates of a row: VL, or fewer in the last block, where a vector reaches into the next gate. Gates are
 * therefore read before any is written, and written in their order.
 */
#pragma once
#include "functions.h"
#include "product.h"

namespace refrain {
namespace REFRAIN_ISA {

/**
 * c′ = f ⊙ c + i ⊙ g,  h′ = o ⊙ tanh c′. `sums` [rows][i f g o]; c, cNext and tanhC are [rows][VL]; h has a step of its own.
 * Without training `gates` and `tanhC` are null and cNext is c.
 *
 * Divisions are dear: i, f and g, which meet in c′ anyway, share one, and o shares one with tanh c′.
 */
INLINE void lstmForward(int rows, int step, const float* sums, const float* c, float* cNext, float* tanhC, float* gates, float* h,
                        Index hRow) {
  for (int r = 0; r < rows; r++) {
    Vec iDivisor = sigmoidDivisor(load(sums)), fDivisor = sigmoidDivisor(load(sums + step));
    Ratio g = tanhRatio(load(sums + 2 * step));
    Vec oDivisor = sigmoidDivisor(load(sums + 3 * step));
    Vec iAndF = iDivisor * fDivisor;
    Vec inverse = splat(1.0f) / (iAndF * g.q), inverseG = inverse * g.q;
    Vec iValue = inverseG * fDivisor;
    Vec fValue = inverseG * iDivisor;
    Vec gValue = g.p * (inverse * iAndF);
    Vec cValue = withoutTiny(fma(fValue, load(c), iValue * gValue));
    Ratio t = tanhRatio(cValue);
    inverse = splat(1.0f) / (oDivisor * t.q);
    Vec oValue = inverse * t.q;
    Vec tValue = t.p * (inverse * oDivisor);
    store(cNext, cValue);
    store(h, withoutTiny(oValue * tValue));
    if (gates) {
      store(tanhC, tValue);
      store(gates, iValue);
      store(gates + step, fValue);
      store(gates + 2 * step, gValue);
      store(gates + 3 * step, oValue);
      tanhC += VL;
      gates += WIDTH;
    }
    sums += WIDTH;
    c += VL;
    cNext += VL;
    h += hRow;
  }
}

/**
 * do = dh ⊙ tanh c′ ⊙ o(1 − o),  dc += dh ⊙ o ⊙ (1 − tanh² c′),  di = dc ⊙ g ⊙ i(1 − i),  df = dc ⊙ c ⊙ f(1 − f),
 * dg = dc ⊙ i ⊙ (1 − g²), and f ⊙ dc goes on to the step before.
 */
INLINE void lstmBackward(int step, Vec dh, const float* c, const float* tanhC, float* dc, float* gates) {
  const Vec one = splat(1.0f);
  Vec i = load(gates), f = load(gates + step), g = load(gates + 2 * step), o = load(gates + 3 * step), t = load(tanhC);
  dh = withoutTiny(dh);
  Vec dcValue = withoutTiny(fma(dh * o, one - t * t, load(dc)));
  store(gates, dcValue * g * (i * (one - i)));
  store(gates + step, dcValue * load(c) * (f * (one - f)));
  store(gates + 2 * step, dcValue * i * (one - g * g));
  store(gates + 3 * step, dh * t * (o * (one - o)));
  store(dc, dcValue * f);
}

/** h′ = n′ + z ⊙ (h − n′),  n′ = tanh(n + r ⊙ m). `sums` [rows][n r z m] with biases; gates are saved as n′ r z m. */
INLINE void gruForward(int rows, int step, const float* sums, const float* h, float* hNext, Index hRow, float* gates) {
  for (int r = 0; r < rows; r++) {
    Vec rDivisor = sigmoidDivisor(load(sums + step)), zDivisor = sigmoidDivisor(load(sums + 2 * step));
    Vec inverse = splat(1.0f) / (rDivisor * zDivisor);
    Vec rValue = inverse * zDivisor;
    Vec zValue = inverse * rDivisor;
    Vec m = load(sums + 3 * step);
    Vec n = tanh(fma(rValue, m, load(sums)));
    store(hNext, withoutTiny(fma(zValue, load(h) - n, n)));
    if (gates) {
      store(gates, n);
      store(gates + step, rValue);
      store(gates + 2 * step, zValue);
      store(gates + 3 * step, m);
      gates += WIDTH;
    }
    sums += WIDTH;
    h += hRow;
    hNext += hRow;
  }
}

/** dn = dh ⊙ (1 − z) ⊙ (1 − n′²),  dr = dn ⊙ m ⊙ r(1 − r),  dz = dh ⊙ (h − n′) ⊙ z(1 − z),  dm = dn ⊙ r, and z ⊙ dh goes on. */
INLINE void gruBackward(int step, Vec dh, const float* h, float* carried, float* gates) {
  const Vec one = splat(1.0f);
  Vec n = load(gates), r = load(gates + step), z = load(gates + 2 * step), m = load(gates + 3 * step);
  dh = withoutTiny(dh);
  Vec dn = dh * (one - z) * (one - n * n);
  store(gates, dn);
  store(gates + step, dn * m * (r * (one - r)));
  store(gates + 2 * step, dh * (load(h) - n) * (z * (one - z)));
  store(gates + 3 * step, dn * r);
  store(carried, dh * z);
}

/** h′ = tanh(sum) or relu(sum). */
INLINE void rnnForward(int rows, int vectors, bool relu, const float* sums, float* h, Index hRow) {
  for (int r = 0; r < rows; r++, sums += WIDTH, h += hRow)
    for (int v = 0; v < vectors; v++) {
      Vec x = load(sums + v * VL);
      store(h + v * VL, withoutTiny(relu ? atLeast(x, 0.0f) : tanh(x)));
    }
}

/** dh ⊙ (1 − h²), or dh where h > 0. */
INLINE void rnnBackward(Vec dh, bool relu, const float* h, float* gate) {
  Vec value = load(h);
  dh = withoutTiny(dh);
  store(gate, relu ? select(value > (Vec){}, dh, (Vec){}) : dh * (splat(1.0f) - value * value));
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
