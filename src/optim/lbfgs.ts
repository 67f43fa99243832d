/**
 * L-BFGS: Newton's method with the curvature guessed from the last few steps.
 *
 *   sₖ = θₖ₊₁ − θₖ,   yₖ = gₖ₊₁ − gₖ,   d = −H g by the two-loop recursion over (s, y),   θ ← θ + t d
 *
 * One `step` makes up to `maxIter` such moves and evaluates the loss anew for each, so it needs a closure. For small,
 * deterministic problems; there is one group of parameters only. Liu & Nocedal 1989; the stopping rules are PyTorch's.
 */

import { enableGrad, noGrad } from "../autograd/grad-mode.ts";
import { allocate } from "../backend/allocate.ts";
import { mul, sub } from "../ops/arithmetic.ts";
import { abs, neg } from "../ops/element-wise.ts";
import { amax } from "../ops/extremes.ts";
import { copy_ } from "../ops/in-place.ts";
import { cat } from "../ops/join.ts";
import { dot } from "../ops/matmul.ts";
import { item } from "../ops/read.ts";
import { sum } from "../ops/reductions.ts";
import { clone, narrow, reshape } from "../ops/views.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import { addScaled_ } from "./in-place.ts";
import { checkRate, Optimizer, type Parameters } from "./optimizer.ts";
import type { Memory } from "./state-dict.ts";
import { type LinePoint, strongWolfe } from "./strong-wolfe.ts";

export interface LBFGSSettings {
  /** The step along d; with a line search the first one tried. Default 1 */
  readonly lr: number;
  /** Moves in one step. Default 20 */
  readonly maxIter: number;
  /** Evaluations of the closure in one step; null for 5/4 of maxIter. Default null */
  readonly maxEval: number | null;
  /** Stop where no element of the gradient is larger. Default 1e-7 */
  readonly toleranceGrad: number;
  /** Stop where loss and parameters change by less. Default 1e-9 */
  readonly toleranceChange: number;
  /** How many (s, y) are kept. Default 100 */
  readonly historySize: number;
  /** `strongWolfe` searches along d; null takes t = lr. Default null */
  readonly lineSearchFn: "strongWolfe" | null;
}

const DEFAULTS: LBFGSSettings = {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
};

/** Below this yᵀs tells nothing about the curvature. */
const LEAST_CURVATURE = 1e-10;

/** What is remembered from step to step; flat vectors over all parameters. */
interface History {
  func_evals: number;
  n_iter: number;
  /** The last direction and the step along it. */
  d?: Tensor;
  t?: number;
  /** The y and s of the recursion and 1 / yᵀs, oldest first. */
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: number[];
  H_diag: number;
  prev_flat_grad?: Tensor;
  prev_loss?: number;
}

/**
 * A quasi-Newton method that asks for the loss several times a step. Nocedal 1980; line search after Nocedal & Wright
 * 2006.
 * @throws {ArgumentError} for more than one group, or a step without a closure
 */
export class LBFGS extends Optimizer<LBFGSSettings> {
  /** @example new LBFGS(model.parameters(), { lineSearchFn: "strongWolfe" }) */
  constructor(params: Parameters<LBFGSSettings>, options: Partial<LBFGSSettings> = {}) {
    const maxIter = options.maxIter ?? DEFAULTS.maxIter;
    super("LBFGS", params, { ...DEFAULTS, maxEval: Math.floor((maxIter * 5) / 4) }, withoutNull(options));
    if (this.paramGroups.length !== 1) throw new ArgumentError("LBFGS: there can be one group of parameters only");
  }

  protected override check(settings: LBFGSSettings): void {
    checkRate("LBFGS", "lr", settings.lr);
    for (const name of ["maxIter", "maxEval", "historySize"] as const) {
      const value = settings[name];
      if (!Number.isInteger(value) || (value as number) < 1) {
        throw new ArgumentError(`LBFGS: ${name} must be a whole number ≥ 1, got ${value}`);
      }
    }
    if (settings.lineSearchFn !== null && settings.lineSearchFn !== "strongWolfe") {
      throw new ArgumentError(
        `LBFGS: lineSearchFn must be "strongWolfe" or null, got ${String(settings.lineSearchFn)}`,
      );
    }
  }

  protected override get shapedAsParameter(): boolean {
    return false;
  }

  protected override update(): never {
    throw new ArgumentError("LBFGS.step: needs a closure that computes the loss and its gradients");
  }

  /**
   * Up to `maxIter` moves.
   * @param closure zeroes the gradients, computes the loss and its gradients, and returns the loss
   * @returns the loss before the first move
   * @example optimizer.step(() => { optimizer.zeroGrad(); const loss = lossOf(); loss.backward(); return loss; });
   */
  override step<R>(closure?: () => R): R | undefined {
    if (closure === undefined) return this.update();
    return noGrad(() => this.#step(closure));
  }

  #step<R>(closure: () => R): R {
    const [settings] = this.paramGroups;
    const { lr, maxIter, toleranceGrad, toleranceChange, lineSearchFn } = settings;
    const maxEval = settings.maxEval as number;
    const history = this.#history();
    const evaluate = () => {
      const result = enableGrad(closure);
      history.func_evals++;
      return result;
    };

    const result = evaluate();
    let loss = lossOf(result);
    let gradient = this.#flatGradient();
    let evaluations = 1;
    if (largest(gradient) <= toleranceGrad) return result;

    for (let moves = 1; moves <= maxIter; moves++) {
      history.n_iter++;
      const d = direction(history, gradient, settings.historySize);
      history.d = d;
      history.prev_flat_grad = clone(gradient);
      history.prev_loss = loss;
      history.t = history.n_iter === 1 ? Math.min(1, 1 / item(sum(abs(gradient)))) * lr : lr;
      const slope = item(dot(gradient, d));
      if (slope > -toleranceChange) break;

      let used = 0;
      if (lineSearchFn !== null) {
        const before = settings.params.map((parameter) => clone(parameter));
        const at = (t: number): LinePoint => {
          this.#moveBy(d, t);
          const value = lossOf(evaluate());
          const here = this.#flatGradient();
          settings.params.forEach((parameter, i) => {
            copy_(parameter, before[i]);
          });
          return { t, loss: value, gradient: here, slope: item(dot(here, d)) };
        };
        const start = { t: 0, loss, gradient, slope };
        const found = strongWolfe(at, start, history.t, largest(d), maxEval - evaluations);
        ({ loss, gradient, t: history.t } = found.point);
        used = found.evaluations;
        this.#moveBy(d, history.t);
      } else {
        this.#moveBy(d, history.t);
        // The gradient after the last move is computed by the next step's closure.
        if (moves !== maxIter) {
          loss = lossOf(evaluate());
          gradient = this.#flatGradient();
          used = 1;
        }
      }
      evaluations += used;
      if (evaluations >= maxEval || largest(gradient) <= toleranceGrad) break;
      if (largest(d) * Math.abs(history.t) <= toleranceChange) break;
      if (Math.abs(loss - history.prev_loss) < toleranceChange) break;
    }
    return result;
  }

  /** What is remembered, kept as PyTorch does with the first parameter. */
  #history(): History {
    const [first] = this.paramGroups[0].params;
    let history = this.memory.get(first) as unknown as History | undefined;
    if (history === undefined) {
      history = { func_evals: 0, n_iter: 0, old_dirs: [], old_stps: [], ro: [], H_diag: 1 };
      this.memory.set(first, history as unknown as Memory);
    }
    return history;
  }

  /** All gradients in one vector; zeros where there is none. */
  #flatGradient(): Tensor {
    const pieces = this.paramGroups[0].params.map((parameter) =>
      reshape(parameter.grad ?? allocate(parameter.shape, parameter.dtype), [-1]),
    );
    return cat(pieces);
  }

  /** θ ← θ + t d */
  #moveBy(d: Tensor, t: number): void {
    let at = 0;
    for (const parameter of this.paramGroups[0].params) {
      const count = parameter.elementCount;
      addScaled_(parameter, reshape(narrow(d, 0, at, count), parameter.shape), t);
      at += count;
    }
  }
}

/** −H g, after the newest (s, y) has been taken into the history. */
function direction(history: History, gradient: Tensor, historySize: number): Tensor {
  const { old_dirs, old_stps, ro, d, t, prev_flat_grad } = history;
  if (d === undefined || t === undefined || prev_flat_grad === undefined) return neg(gradient);
  const y = sub(gradient, prev_flat_grad);
  const s = mul(d, t);
  const curvature = item(dot(y, s));
  if (curvature > LEAST_CURVATURE) {
    if (old_dirs.length === historySize) for (const list of [old_dirs, old_stps, ro]) list.shift();
    old_dirs.push(y);
    old_stps.push(s);
    ro.push(1 / curvature);
    history.H_diag = curvature / item(dot(y, y));
  }
  const q = neg(gradient);
  const weights = new Array<number>(old_dirs.length);
  for (let i = old_dirs.length - 1; i >= 0; i--) {
    weights[i] = item(dot(old_stps[i], q)) * ro[i];
    addScaled_(q, old_dirs[i], -weights[i]);
  }
  const r = mul(q, history.H_diag);
  for (let i = 0; i < old_dirs.length; i++) {
    addScaled_(r, old_stps[i], weights[i] - item(dot(old_dirs[i], r)) * ro[i]);
  }
  return r;
}

const largest = (x: Tensor): number => item(amax(abs(x)));

function lossOf(result: unknown): number {
  const loss = result instanceof Tensor ? item(result) : result;
  if (typeof loss === "number") return loss;
  throw new ArgumentError(`LBFGS.step: the closure must return the loss, a tensor or a number, got ${typeof loss}`);
}

function withoutNull(options: Partial<LBFGSSettings>): Partial<LBFGSSettings> {
  const { maxEval, ...others } = options;
  return maxEval === null || maxEval === undefined ? others : options;
}
