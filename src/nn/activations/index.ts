/** Activations as modules, for `Sequential`: a line each. Their formulas stand with the functions. */

import { relu, sigmoid, tanh } from "../../ops/element-wise.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { activation, REQUIRED } from "./activation.ts";
import { hardsigmoid, hardtanh, logsigmoid, softsign } from "./bounded.ts";
import { gelu, hardswish, mish, silu } from "./gates.ts";
import { celu, elu, leakyRelu, selu, softplus, threshold } from "./rectifiers.ts";

export class ReLU extends activation("ReLU", relu, {}) {}
export class LeakyReLU extends activation("LeakyReLU", leakyRelu, { negativeSlope: 0.01 }) {}
export class ELU extends activation("ELU", elu, { alpha: 1 }) {}
export class CELU extends activation("CELU", celu, { alpha: 1 }) {}
export class SELU extends activation("SELU", selu, {}) {}
export class GELU extends activation("GELU", gelu, { approximate: "none" as "none" | "tanh" }) {}
export class SiLU extends activation("SiLU", silu, {}) {}
export class Mish extends activation("Mish", mish, {}) {}
export class Sigmoid extends activation("Sigmoid", sigmoid, {}) {}
export class LogSigmoid extends activation("LogSigmoid", logsigmoid, {}) {}
export class Tanh extends activation("Tanh", tanh, {}) {}
export class Hardtanh extends activation("Hardtanh", hardtanh, { minVal: -1, maxVal: 1 }) {}
export class Hardsigmoid extends activation("Hardsigmoid", hardsigmoid, {}) {}
export class Hardswish extends activation("Hardswish", hardswish, {}) {}
export class Softplus extends activation("Softplus", softplus, { beta: 1, threshold: 20 }) {}
export class Softsign extends activation("Softsign", softsign, {}) {}
export class Threshold extends activation("Threshold", threshold, { threshold: REQUIRED, value: REQUIRED }) {}
/** The results add up to 1 along the axis `dim`. */
export class Softmax extends activation("Softmax", softmax, { dim: REQUIRED }) {}
/** The exponentials of the results add up to 1 along the axis `dim`. */
export class LogSoftmax extends activation("LogSoftmax", logSoftmax, { dim: REQUIRED }) {}

export { PReLU } from "./prelu.ts";
