/** Activations as modules, for `Sequential`: a line each. Their formulas stand with the functions. */

import { relu, sigmoid, tanh } from "../../ops/element-wise.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { activation, REQUIRED } from "./activation.ts";
import { hardsigmoid, hardtanh, logsigmoid, softsign } from "./bounded.ts";
import { gelu, hardswish, mish, silu } from "./gates.ts";
import { celu, elu, leakyRelu, selu, softplus, threshold } from "./rectifiers.ts";

/** max(x, 0). */
export class ReLU extends activation("ReLU", relu, {}) {}
/** x where positive, else slope · x. Maas, Hannun & Ng 2013. */
export class LeakyReLU extends activation("LeakyReLU", leakyRelu, { negativeSlope: 0.01 }) {}
/** x where positive, else α (eˣ − 1). Clevert, Unterthiner & Hochreiter 2016. */
export class ELU extends activation("ELU", elu, { alpha: 1 }) {}
/** x where positive, else α (e^(x / α) − 1). Barron 2017. */
export class CELU extends activation("CELU", celu, { alpha: 1 }) {}
/** ELU that keeps mean 0 and variance 1. Klambauer et al. 2017. */
export class SELU extends activation("SELU", selu, {}) {}
/** x Φ(x), or its approximation by tanh. Hendrycks & Gimpel 2016. */
export class GELU extends activation("GELU", gelu, { approximate: "none" as "none" | "tanh" }) {}
/** x σ(x). Elfwing, Uchibe & Doya 2017. */
export class SiLU extends activation("SiLU", silu, {}) {}
/** x tanh(log(1 + eˣ)). Misra 2019. */
export class Mish extends activation("Mish", mish, {}) {}
/** 1 / (1 + e^(−x)). */
export class Sigmoid extends activation("Sigmoid", sigmoid, {}) {}
/** log σ(x), without overflow. */
export class LogSigmoid extends activation("LogSigmoid", logsigmoid, {}) {}
/** tanh x. */
export class Tanh extends activation("Tanh", tanh, {}) {}
/** x cut to a range, −1 … 1 by default. */
export class Hardtanh extends activation("Hardtanh", hardtanh, { minVal: -1, maxVal: 1 }) {}
/** x/6 + 1/2, cut to 0 … 1. */
export class Hardsigmoid extends activation("Hardsigmoid", hardsigmoid, {}) {}
/** x times Hardsigmoid. Howard et al. 2019. */
export class Hardswish extends activation("Hardswish", hardswish, {}) {}
/** log(1 + e^(βx)) / β; x itself far above 0. */
export class Softplus extends activation("Softplus", softplus, { beta: 1, threshold: 20 }) {}
/** x / (1 + |x|). */
export class Softsign extends activation("Softsign", softsign, {}) {}
/** x where above a threshold, else a value. */
export class Threshold extends activation("Threshold", threshold, { threshold: REQUIRED, value: REQUIRED }) {}
/** The results add up to 1 along the axis `dim`. */
export class Softmax extends activation("Softmax", softmax, { dim: REQUIRED }) {}
/** The exponentials of the results add up to 1 along the axis `dim`. */
export class LogSoftmax extends activation("LogSoftmax", logSoftmax, { dim: REQUIRED }) {}

export type { InplaceOption } from "./activation.ts";
export { PReLU } from "./prelu.ts";
