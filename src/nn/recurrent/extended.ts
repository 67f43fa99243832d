/**
 * RNN, LSTM and GRU with what the fused pass over time does not know: layer normalisation and dropout that stays the same
 * from step to step. They run step by step (`scan`), which takes several times as long; without these options they compute
 * what RNN, LSTM and GRU compute, from the same state dict.
 *
 *   a = LN(W (m ⊙ x)) + b,   u = LN(U (n ⊙ h)) + c,   and for an LSTM h′ = o ⊙ tanh(LN(c′))
 *
 * LN(v) = γ ⊙ (v − mean) / √(var + 1e-5), over all gates of a step together: Ba, Kiros & Hinton 2016, the supplement's
 * equations 20–31; b and c serve as its shifts. m and n are dropout masks drawn once for the sequence, the variational
 * dropout of Gal & Ghahramani 2016.
 */

import { mul } from "../../ops/arithmetic.ts";
import { ones, zeros } from "../../ops/create.ts";
import { dropout } from "../../ops/dropout.ts";
import { cat, stack } from "../../ops/join.ts";
import { linear } from "../../ops/matmul.ts";
import { select, transpose } from "../../ops/views.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkProbability } from "../check-size.ts";
import { ones_, zeros_ } from "../init.ts";
import { layerNorm } from "../layer-norm.ts";
import { Parameter } from "../parameter.ts";
import { gruStep, lstmStep, rnnStep } from "./cell-steps.ts";
import { GRU } from "./gru.ts";
import { LSTM, type LSTMOptions } from "./lstm.ts";
import { LSTMState } from "./lstm-state.ts";
import type { LayerPass, Recurrent, RecurrentOptions } from "./recurrent.ts";
import { RNN, type RNNOptions } from "./rnn.ts";
import { scan } from "./scan.ts";

export interface ExtensionOptions {
  /** Whether W x, U h, and an LSTM's memory before it is shown are normalised over their features. Default false */
  readonly layerNorm?: boolean;
  /** While training: probability that a feature of each layer's input is dropped, at every step the same. Default 0 */
  readonly inputDropout?: number;
  /** While training: probability that a feature of h is dropped on its way to U, at every step the same. Default 0 */
  readonly recurrentDropout?: number;
}

const EXTENSIONS = ["layerNorm", "inputDropout", "recurrentDropout"] as const;

/** The options without the extensions, for the constructor of the plain layer. */
function plain<O extends ExtensionOptions>(options: O): Omit<O, keyof ExtensionOptions> {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => !(EXTENSIONS as readonly string[]).includes(name)),
  ) as Omit<O, keyof ExtensionOptions>;
}

/** One step: from the products of input and state to the new state. */
type Step<S> = (a: Tensor, u: Tensor, state: S, normal: Normal) => S;

/** What is normalised: γ by its name, and the name of the shift. */
const SHIFTS = { norm_ih: "bias_ih", norm_hh: "bias_hh", norm_c: "norm_c_bias" };

/** LN of a vector of features with that γ; without layer normalisation the vector itself. */
type Normal = (scale: keyof typeof SHIFTS, x: Tensor) => Tensor;

/** What the three have in common: the extensions' settings, their parameters, and the pass of one layer. */
class Extension {
  readonly layerNorm: boolean;
  readonly inputDropout: number;
  readonly recurrentDropout: number;
  readonly #layer: Recurrent;

  constructor(layer: Recurrent, options: ExtensionOptions) {
    const place = layer.moduleName;
    this.#layer = layer;
    this.layerNorm = options.layerNorm ?? false;
    this.inputDropout = checkProbability(place, "inputDropout", options.inputDropout ?? 0);
    this.recurrentDropout = checkProbability(place, "recurrentDropout", options.recurrentDropout ?? 0);
    if (this.layerNorm) this.#registerScales();
  }

  /** `norm_ih_l0`, `norm_hh_l0`, and for an LSTM `norm_c_l0` and its shift `norm_c_bias_l0`, for each layer and direction. */
  #registerScales(): void {
    const layer = this.#layer;
    layer.allWeights.forEach(([{ shape, dtype }], pass) => {
      const suffix = suffixOf(layer, pass);
      const add = (name: string, value: Tensor) => layer.registerParameter(name + suffix, new Parameter(value));
      const gates = [shape[0]];
      add("norm_ih", ones(gates, { dtype }));
      add("norm_hh", ones(gates, { dtype }));
      if (!(layer instanceof LSTM)) return;
      add("norm_c", ones([layer.hiddenSize], { dtype }));
      if (layer.bias) add("norm_c_bias", zeros([layer.hiddenSize], { dtype }));
    });
  }

  /** Scales 1, shifts 0. */
  resetScales(): void {
    for (const [name, parameter] of this.#layer.namedParameters()) {
      if (name.startsWith("norm_c_bias")) zeros_(parameter);
      else if (name.startsWith("norm_")) ones_(parameter);
    }
  }

  /**
   * Both directions of one layer.
   * @param stateOf the initial state of a direction; its h feeds U
   */
  run<S extends Tensor | LSTMState>(call: LayerPass, stateOf: (d: number) => S, step: Step<S>) {
    const { index, x, batchFirst, lengths } = call;
    const timeMajor = batchFirst ? transpose(x, 0, 1) : x; // [T, B, I]
    const input = this.#dropSame(timeMajor, this.inputDropout);
    const passes = Array.from({ length: this.#layer.directions }, (_, d) => {
      const state = stateOf(d);
      const pass = index * this.#layer.directions + d;
      const options = { reverse: d === 1, ...(lengths === null ? {} : { lengths: [...lengths] }) };
      return this.#runDirection(pass, input, state, step, options);
    });
    const outputs = passes.map(([output]) => output);
    const y = outputs.length === 1 ? outputs[0] : cat(outputs, 2);
    return { y: batchFirst ? transpose(y, 0, 1) : y, states: passes.map(([, state]) => state) };
  }

  #runDirection<S extends Tensor | LSTMState>(
    pass: number,
    input: Tensor,
    state: S,
    step: Step<S>,
    options: { reverse: boolean; lengths?: readonly number[] },
  ): [output: Tensor, state: S] {
    const layer = this.#layer;
    const own = layer as unknown as Record<string, Parameter | undefined>;
    const suffix = suffixOf(layer, pass);
    const parameter = (name: string): Parameter | null => own[name + suffix] ?? null;
    const [weightIh, weightHh, projection] = ["weight_ih", "weight_hh", "weight_hr"].map(parameter);
    const normal: Normal = (scale, x) => {
      if (!this.layerNorm) return x;
      return layerNorm(x, [x.shape[x.rank - 1]], { weight: parameter(scale), bias: parameter(SHIFTS[scale]) });
    };
    const product = (x: Tensor, weight: Parameter | null, scale: "norm_ih" | "norm_hh") =>
      normal(scale, linear(x, weight as Parameter, this.layerNorm ? null : parameter(SHIFTS[scale])));

    const a = product(input, weightIh, "norm_ih"); // [T, B, G·H]
    const mask = this.#mask(hiddenOf(state), this.recurrentDropout);
    const cell = (products: Tensor, before: S): S => {
      const h = hiddenOf(before);
      const u = product(mask === null ? h : mul(h, mask), weightHh, "norm_hh");
      const next = step(products, u, before, normal);
      if (projection === null || !(next instanceof LSTMState)) return next;
      return new LSTMState(linear(next.h, projection), next.c) as S;
    };
    return scan<S>(cell, a, state, options);
  }

  /** Drops the same features at every step of x [T, B, I]. */
  #dropSame(x: Tensor, p: number): Tensor {
    const mask = this.#mask(select(x, 0, 0), p);
    return mask === null ? x : mul(x, mask);
  }

  /** What dropout multiplies by, shaped as x; null if nothing is dropped. */
  #mask(x: Tensor, p: number): Tensor | null {
    return this.#layer.training && p > 0 ? dropout(ones(x.shape, { dtype: x.dtype }), { p }) : null;
  }

  extraRepr(): string {
    const parts = this.layerNorm ? ["layer_norm=True"] : [];
    if (this.inputDropout > 0) parts.push(`input_dropout=${this.inputDropout}`);
    if (this.recurrentDropout > 0) parts.push(`recurrent_dropout=${this.recurrentDropout}`);
    return parts.map((part) => `, ${part}`).join("");
  }
}

const hiddenOf = (state: Tensor | LSTMState): Tensor => (state instanceof LSTMState ? state.h : state);

function suffixOf(layer: Recurrent, pass: number): string {
  const reverse = layer.bidirectional && pass % 2 === 1;
  return `_l${Math.floor(pass / layer.directions)}${reverse ? "_reverse" : ""}`;
}

/** The initial state of a direction, [B, size]: its part of what was given, else zeros. */
function initial(given: Tensor | null, d: number, { x, batchFirst }: LayerPass, size: number): Tensor {
  return given === null ? zeros([x.shape[batchFirst ? 0 : 1], size], { dtype: x.dtype }) : select(given, 0, d);
}

/** Memories that only an LSTM has. */
const noMemories = (x: Tensor): Tensor => zeros([0, 0, 0], { dtype: x.dtype });

/** An RNN with layer normalisation and variational dropout as options. */
export class ExtendedRNN extends RNN {
  readonly #extension: Extension;

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions & ExtensionOptions = {}) {
    super(inputSize, hiddenSize, plain(options));
    this.#extension = new Extension(this, options);
  }

  protected override runLayer(call: LayerPass): readonly [y: Tensor, hn: Tensor, cn: Tensor] {
    const { y, states } = this.#extension.run<Tensor>(
      call,
      (d) => initial(call.h, d, call, this.hiddenSize),
      (a, u) => rnnStep(a, u, this.nonlinearity),
    );
    return [y, stack(states), noMemories(y)];
  }

  override resetParameters(): void {
    super.resetParameters();
    if (#extension in this) this.#extension.resetScales();
  }

  override get moduleName(): string {
    return "ExtendedRNN";
  }

  override extraRepr(): string {
    return super.extraRepr() + this.#extension.extraRepr();
  }
}

/** An LSTM with layer normalisation and variational dropout as options. */
export class ExtendedLSTM extends LSTM {
  readonly #extension: Extension;

  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions & ExtensionOptions = {}) {
    super(inputSize, hiddenSize, plain(options));
    this.#extension = new Extension(this, options);
  }

  protected override runLayer(call: LayerPass): readonly [y: Tensor, hn: Tensor, cn: Tensor] {
    const { y, states } = this.#extension.run<LSTMState>(
      call,
      (d) => new LSTMState(initial(call.h, d, call, this.outputSize), initial(call.c, d, call, this.hiddenSize)),
      (a, u, { c }, normal) => {
        const next = lstmStep(a, u, c, (memory) => normal("norm_c", memory));
        return new LSTMState(next.h, next.c);
      },
    );
    return [y, stack(states.map(({ h }) => h)), stack(states.map(({ c }) => c))];
  }

  override resetParameters(): void {
    super.resetParameters();
    if (#extension in this) this.#extension.resetScales();
  }

  override get moduleName(): string {
    return "ExtendedLSTM";
  }

  override extraRepr(): string {
    return super.extraRepr() + this.#extension.extraRepr();
  }
}

/** A GRU with layer normalisation and variational dropout as options. */
export class ExtendedGRU extends GRU {
  readonly #extension: Extension;

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & ExtensionOptions = {}) {
    super(inputSize, hiddenSize, plain(options));
    this.#extension = new Extension(this, options);
  }

  protected override runLayer(call: LayerPass): readonly [y: Tensor, hn: Tensor, cn: Tensor] {
    const { y, states } = this.#extension.run<Tensor>(
      call,
      (d) => initial(call.h, d, call, this.hiddenSize),
      (a, u, h) => gruStep(a, u, h),
    );
    return [y, stack(states), noMemories(y)];
  }

  override resetParameters(): void {
    super.resetParameters();
    if (#extension in this) this.#extension.resetScales();
  }

  override get moduleName(): string {
    return "ExtendedGRU";
  }

  override extraRepr(): string {
    return super.extraRepr() + this.#extension.extraRepr();
  }
}
