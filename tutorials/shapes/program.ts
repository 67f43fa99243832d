/**
 * What a recurrent layer takes and gives, shape by shape; then "hell" → "o". See README.md beside this file.
 */

import { manualSeed, nn, noGrad, optim, randn, type Tensor, tensor, zeros } from "refrain";
import { lineFigure, lossFigure, unrolledFigure } from "refrain/figure";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const LETTERS = ["h", "e", "l", "o"];
const STEPS = 500;

/** Prints a shape, and fails if it is not the one that the page says. */
export class ShapeReport {
  readonly shapes: Record<string, readonly number[]> = {};
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  expect(what: string, value: Tensor, shape: readonly number[]): void {
    const found = `[${value.shape.join(", ")}]`;
    if (found !== `[${shape.join(", ")}]`) throw new Error(`shapes: ${what} is ${found}, not [${shape.join(", ")}]`);
    this.#print(`${what.padEnd(48)} ${found}`);
    this.shapes[what] = value.shape;
  }
}

const largest = (difference: Tensor): number => difference.abs().max().item();

/** One layer, and what stays the same in it. @returns how far the parts are from the whole; all of them should be 0 */
function oneLayer(report: ShapeReport): Record<string, number> {
  const rnn = new nn.RNN(5, 8, { batchFirst: true });
  const x = randn([1, 10, 5]);
  const [y, hn] = rnn.forward(x);
  report.expect("x: 1 sequence, 10 steps, 5 features", x, [1, 10, 5]);
  report.expect("RNN(5, 8): h of every step", y, [1, 10, 8]);
  report.expect("RNN(5, 8): h of the last step", hn, [1, 1, 8]);
  for (const [name, shape] of Object.entries({ weight_ih_l0: [8, 5], weight_hh_l0: [8, 8], bias_ih_l0: [8] })) {
    report.expect(name, rnn.stateDict()[name], shape);
  }

  // The layer by hand: the same W, U, b and b′ at every step.
  const [[W, U, b, b2]] = rnn.allWeights;
  let h = zeros([1, 8]);
  const byHand: Tensor[] = [];
  for (const step of x.unbind(1)) {
    h = step.matmul(W.t()).add(b).add(h.matmul(U.t())).add(b2).tanh(); // [1, 5] → [1, 8]
    byHand.push(h);
  }
  const apart = byHand.map((each, t) => largest(each.sub(y.select(1, t))));

  const [longer] = rnn.forward(randn([1, 25, 5]));
  report.expect("the same layer reads 25 steps", longer, [1, 25, 8]);

  const toOne = new nn.Linear(8, 3).forward(y.select(1, -1));
  const toMany = new nn.Linear(8, 3).forward(y);
  report.expect("many to one: Linear(8, 3) on the last step", toOne, [1, 3]);
  report.expect("many to many: Linear(8, 3) on every step", toMany, [1, 10, 3]);
  return { byHand: Math.max(...apart), lastStep: largest(y.select(1, -1).sub(hn.select(0, 0))) };
}

/** Layers, directions, kinds and layouts: what each does to the shapes. */
function variations(report: ShapeReport): void {
  const x = randn([1, 10, 5]);
  const [y2, h2] = new nn.RNN(5, 8, { numLayers: 2, batchFirst: true }).forward(x);
  report.expect("2 layers: outputs of the upper one", y2, [1, 10, 8]);
  report.expect("2 layers: a last state of each", h2, [2, 1, 8]);
  const [yBoth, hBoth] = new nn.RNN(5, 8, { bidirectional: true, batchFirst: true }).forward(x);
  report.expect("2 directions: outputs side by side", yBoth, [1, 10, 16]);
  report.expect("2 directions: a last state of each", hBoth, [2, 1, 8]);
  const [y4, h4] = new nn.RNN(5, 8, { numLayers: 2, bidirectional: true, batchFirst: true }).forward(x);
  report.expect("2 layers, 2 directions: outputs", y4, [1, 10, 16]);
  report.expect("2 layers, 2 directions: last states", h4, [4, 1, 8]);
  const [yLstm, { h, c }] = new nn.LSTM(5, 8, { batchFirst: true }).forward(x);
  report.expect("LSTM: h of every step", yLstm, [1, 10, 8]);
  report.expect("LSTM: the last h", h, [1, 1, 8]);
  report.expect("LSTM: the last c", c, [1, 1, 8]);
  const [yTime, hTime] = new nn.GRU(5, 8).forward(randn([10, 3, 5]));
  report.expect("GRU, time first, batch of 3: h of every step", yTime, [10, 3, 8]);
  report.expect("GRU, time first, batch of 3: the last h", hTime, [1, 3, 8]);
}

/** The letters as indices, [T] */
const indicesOf = (word: string): Tensor =>
  tensor(
    Array.from(word, (letter) => LETTERS.indexOf(letter)),
    { dtype: "int64" },
  );

/** "hell" as one-hot rows, [1, 4, 4]: as many features as there are letters, one of them 1 */
export const oneHot = (word: string): Tensor => indicesOf(word).oneHot(LETTERS.length).float().unsqueeze(0);

export class LetterRNN extends nn.Module {
  rnn = new nn.RNN(4, 2, { batchFirst: true });
  out = new nn.Linear(2, 4);

  /** x [1, T, 4] → scores of each letter after every step, [T, 4] */
  forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x); // [1, T, 2]
    return this.out.forward(y.squeeze(0)); // [T, 2] → [T, 4]
  }

  /** The letter that it expects after each letter of a word. */
  read(word: string): string {
    const best = noGrad(() => this.forward(oneHot(word)).argmax({ dim: 1 }));
    return Array.from(best.toTypedArray() as BigInt64Array, (index) => LETTERS[Number(index)]).join("");
  }
}

/** Trains a network to say `answer`: one letter after the whole word, or one after each letter. */
export function learn(
  word: string,
  answer: string,
  { seed, steps }: { seed: number; steps: number },
): { model: LetterRNN; losses: number[] } {
  manualSeed(seed);
  const model = new LetterRNN();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.03 });
  const lossFunction = new nn.CrossEntropyLoss();
  const [x, target] = [oneHot(word), indicesOf(answer)];
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const scores = model.forward(x).slice(0, -answer.length); // the last ones, [answer, 4]
    const loss = lossFunction.forward(scores, target);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return { model, losses };
}

export async function run({ seed, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  manualSeed(seed ?? 1);
  const report = new ShapeReport(print);
  const apart = oneLayer(report);
  variations(report);
  print(`by hand, step for step: at most ${apart.byHand.toExponential(1)} apart`);

  report.expect('"hell" as one-hot letters', oneHot("hell"), [1, 4, 4]);
  const one = learn("hell", "o", { seed: seed ?? 1, steps: STEPS });
  const many = learn("hell", "ello", { seed: seed ?? 1, steps: STEPS });
  report.expect('scores after each letter of "hell"', one.model.forward(oneHot("hell")), [4, 4]);
  const predicted = one.model.read("hell").slice(-1);
  const elsewhere = Object.fromEntries(["hello", "eeee", "hhhh"].map((word) => [word, one.model.read(word).slice(-1)]));
  const spelled = many.model.read("hell");
  print(`many to one: after "hell" comes "${predicted}", loss ${one.losses[STEPS - 1].toExponential(2)}`);
  for (const [word, letter] of Object.entries(elsewhere)) print(`many to one: after "${word}" comes "${letter}"`);
  print(`many to many: "hell" → "${spelled}", loss ${many.losses[STEPS - 1].toExponential(2)}`);

  const states = noGrad(() => many.model.rnn.forward(oneHot("hell"))[0].squeeze(0)); // [4, 2]
  const unit = (index: number) => states.select(1, index).toTypedArray() as Float32Array;

  const inputs = [..."hell"];
  await figure(
    "many-to-one",
    unrolledFigure(
      inputs.map((input, t) => ({ input, ...(t === 3 ? { output: predicted } : {}) })),
      {
        title: "Many to one: only the last step speaks",
        subtitle: "One colour, one set of weights: the same in every step",
      },
    ),
  );
  await figure(
    "many-to-many",
    unrolledFigure(
      inputs.map((input, t) => ({ input, output: spelled[t] })),
      {
        title: "Many to many: every step says what comes next",
        subtitle: "The two l say different things: the state tells them apart",
      },
    ),
  );
  await figure(
    "loss",
    lossFigure(
      { training: one.losses, validation: many.losses },
      {
        title: "Learning one letter, and four",
        xTitle: "step",
        yTitle: "cross-entropy (nats)",
        trainingName: "hell → o",
        validationName: "hell → ello",
        best: false,
      },
    ),
  );
  await figure(
    "states",
    lineFigure(
      [0, 1].map((index) => ({
        name: `h, unit ${index + 1}`,
        x: inputs.map((letter, t) => `${t + 1}: ${letter}`),
        y: unit(index),
      })),
      {
        title: "The two hidden numbers while it reads “hell”",
        xTitle: "step: letter",
        yTitle: "h",
        yDomain: [-1.05, 1.05],
      },
    ),
  );

  return {
    tutorial: "shapes",
    mark: 'predicts "o" after "hell"; every shape as the page says',
    reached: predicted === "o" && apart.byHand < 1e-6 && apart.lastStep === 0,
    predicted,
    spelled,
    elsewhere,
    manyToOneLoss: one.losses[STEPS - 1],
    manyToManyLoss: many.losses[STEPS - 1],
    apart,
    shapes: report.shapes,
  };
}
