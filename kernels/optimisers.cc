/** One step of an optimiser for one parameter, in a single pass over its memory. The formulas are PyTorch's. */
#include "kernels.h"
#include "vector.h"

namespace refrain {
namespace REFRAIN_ISA {

void sgd(const Sgd& step, float* parameter, const float* gradient, float* velocity, Index n) {
  FlushDenormals flush;
  const Vec sign = splat(step.maximize ? -1.0f : 1.0f), decay = splat((float)step.weightDecay);
  const Vec momentum = splat((float)step.momentum), fresh = splat((float)(1 - step.dampening));
  const Vec rate = splat((float)-step.learningRate);
  for (Index i = 0; i < n; i += VL) {
    Vec p = loadPart(parameter + i, n - i);
    Vec g = fma(decay, p, sign * loadPart(gradient + i, n - i));
    if (velocity) {
      Vec v = step.first ? g : fma(momentum, loadPart(velocity + i, n - i), fresh * g);
      v = withoutDenormals(v);
      storePart(velocity + i, v, n - i);
      g = step.nesterov ? fma(momentum, v, g) : v;
    }
    storePart(parameter + i, fma(rate, g, p), n - i);
  }
}

void adam(const Adam& step, float* parameter, const float* gradient, float* mean, float* square, Index n) {
  FlushDenormals flush;
  const Vec sign = splat(step.maximize ? -1.0f : 1.0f);
  const Vec decay = splat(step.decoupled ? 0.0f : (float)step.weightDecay);
  const Vec shrink = splat(step.decoupled ? (float)(1 - step.learningRate * step.weightDecay) : 1.0f);
  const Vec fresh1 = splat((float)(1 - step.beta1)), keep2 = splat((float)step.beta2), fresh2 = splat((float)(1 - step.beta2));
  const Vec rate = splat((float)(-step.learningRate / step.correction1)), inverseRoot2 = splat((float)(1 / __builtin_sqrt(step.correction2)));
  const Vec epsilon = splat((float)step.epsilon);
  for (Index i = 0; i < n; i += VL) {
    Vec p = loadPart(parameter + i, n - i) * shrink;
    Vec g = fma(decay, p, sign * loadPart(gradient + i, n - i));
    Vec m = loadPart(mean + i, n - i);
    m = withoutDenormals(fma(g - m, fresh1, m));
    Vec v = withoutDenormals(fma(fresh2 * g, g, keep2 * loadPart(square + i, n - i)));
    storePart(mean + i, m, n - i);
    storePart(square + i, v, n - i);
    storePart(parameter + i, fma(rate, m / fma(squareRoot(v), inverseRoot2, epsilon), p), n - i);
  }
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
