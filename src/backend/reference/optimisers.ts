/** The steps of SGD and Adam, for all parameters of a group in one call; the rules are PyTorch's. */

import type { AdamStep, SgdStep, View } from "../backend.ts";
import { numbersOf } from "../cpu-storage.ts";
import { forEachRow } from "./strided-loop.ts";

/**
 *   v ← μ v + (1 − τ) g,   θ ← θ − η v,   or with Nesterov θ ← θ − η (g + μ v)
 *
 * The first v is g itself. Weight decay adds λ θ to g.
 */
export function sgdStep(
  parameters: readonly View[],
  gradients: readonly View[],
  velocities: readonly View[],
  step: SgdStep,
): void {
  const { learningRate, momentum, dampening, weightDecay, nesterov, maximize, first } = step;
  parameters.forEach((parameter, index) => {
    const p = numbersOf(parameter);
    const g = numbersOf(gradients[index]);
    const velocity = velocities[index] as View | undefined;
    const v = velocity === undefined ? null : numbersOf(velocity);
    const operands = [parameter, gradients[index], velocity ?? parameter];
    forEachRow(parameter.shape, operands, (count, [p0, g0, v0], [dp, dg, dv]) => {
      for (let n = 0, i = p0, j = g0, k = v0; n < count; n++, i += dp, j += dg, k += dv) {
        let gradient = (maximize ? -g[j] : g[j]) + weightDecay * p[i];
        if (v !== null) {
          v[k] = first ? gradient : momentum * v[k] + (1 - dampening) * gradient;
          gradient = nesterov ? gradient + momentum * v[k] : v[k];
        }
        p[i] -= learningRate * gradient;
      }
    });
  });
}

/**
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − η m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 *
 * Kingma & Ba 2015; decoupled decay after Loshchilov & Hutter 2019.
 */
export function adamStep(
  parameters: readonly View[],
  gradients: readonly View[],
  means: readonly View[],
  squares: readonly View[],
  settings: AdamStep,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, maximize, step } = settings;
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  parameters.forEach((parameter, index) => {
    const p = numbersOf(parameter);
    const g = numbersOf(gradients[index]);
    const m = numbersOf(means[index]);
    const v = numbersOf(squares[index]);
    const operands = [parameter, gradients[index], means[index], squares[index]];
    forEachRow(parameter.shape, operands, (count, [p0, g0, m0, v0], [dp, dg, dm, dv]) => {
      for (let n = 0; n < count; n++) {
        const i = p0 + n * dp;
        const k = m0 + n * dm;
        const l = v0 + n * dv;
        let gradient = maximize ? -g[g0 + n * dg] : g[g0 + n * dg];
        if (decoupled) p[i] *= 1 - learningRate * weightDecay;
        else gradient += weightDecay * p[i];
        m[k] += (1 - beta1) * (gradient - m[k]);
        v[l] = beta2 * v[l] + (1 - beta2) * gradient * gradient;
        p[i] -= (stepSize * m[k]) / (Math.sqrt(v[l]) / rootCorrection + epsilon);
      }
    });
  });
}
