/**
 * An LSTM turns a sine into its cosine, step by step, with a state that is carried from one pass to the next. See README.md beside this file.
 */

import { linspace, manualSeed, nn, noGrad, optim, randn, stack, type Tensor } from "refrain";
import { type Figure, lossFigure, predictionFigure } from "refrain/figure";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const POINTS = 10;
const HIDDEN = 20;
const LESSON_STEPS = 100;
const MARK = 0.01;

/** A network that takes a state and gives one back. */
abstract class CosineNet extends nn.Module {
  /** x [10, 1, 1] → y [10, 1, 1], and the state after the last step */
  abstract override forward(x: Tensor, state: nn.LSTMState): [y: Tensor, state: nn.LSTMState];
  /** h and c from a standard normal. */
  abstract randomState(): nn.LSTMState;
}

/** With the layer, which walks all steps itself. */
export class LayerNet extends CosineNet {
  lstm = new nn.LSTM(1, HIDDEN);
  out = new nn.Linear(HIDDEN, 1);

  forward(x: Tensor, state: nn.LSTMState): [Tensor, nn.LSTMState] {
    const [y, next] = this.lstm.forward(x, state); // [10, 1, 20]
    return [this.out.forward(y), next]; // every step, [10, 1, 20] → [10, 1, 1]
  }

  randomState(): nn.LSTMState {
    return new nn.LSTMState(randn([1, 1, HIDDEN]), randn([1, 1, HIDDEN])); // [layers, B, H]
  }
}

/** The same with the cell: the loop over time is one's own. */
export class CellNet extends CosineNet {
  cell = new nn.LSTMCell(1, HIDDEN);
  out = new nn.Linear(HIDDEN, 1);

  forward(x: Tensor, state: nn.LSTMState): [Tensor, nn.LSTMState] {
    let next = state;
    const outputs: Tensor[] = [];
    for (const step of x) {
      next = this.cell.forward(step, next); // step [1, 1]; h and c [1, 20]
      outputs.push(this.out.forward(next.h)); // [1, 20] → [1, 1]
    }
    return [stack(outputs), next]; // [10, 1, 1]
  }

  randomState(): nn.LSTMState {
    return new nn.LSTMState(randn([1, HIDDEN]), randn([1, HIDDEN])); // [B, H]
  }
}

/** Ten points of a period: sine [10, 1, 1] and cosine [10, 1, 1]. */
export function sineAndCosine(): [x: Tensor, y: Tensor] {
  const time = linspace(0, 2 * Math.PI, POINTS); // [10]
  return [time.sin().reshape(POINTS, 1, 1), time.cos().reshape(POINTS, 1, 1)];
}

const lossFunction = new nn.MSELoss();

export interface TrainedNet {
  readonly model: CosineNet;
  /** The loss of every step. */
  readonly losses: readonly number[];
  /** The state that the next pass would begin with. */
  readonly state: nn.LSTMState;
}

/** Network and first state from one seed; then each pass begins with the state that the pass before ended with, cut off from its graph. */
export function train(
  Net: new () => CosineNet,
  Optimizer: typeof optim.SGD | typeof optim.Adam,
  { seed, lr, steps }: { seed: number; lr: number; steps: number },
): TrainedNet {
  manualSeed(seed);
  const model = new Net();
  let state = model.randomState();
  const [x, target] = sineAndCosine();
  const optimizer = new Optimizer(model.parameters(), { lr });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [y, next] = model.forward(x, state);
    const loss = lossFunction.forward(y, target);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    state = next.detach();
  }
  return { model, losses, state };
}

const lastOf = (values: readonly number[]): number => values[values.length - 1];

/** What a network says from a state, and its loss. */
function predict({ model }: TrainedNet, state: nn.LSTMState): { y: Float32Array; loss: number } {
  const [x, target] = sineAndCosine();
  return noGrad(() => {
    const [y] = model.forward(x, state);
    return { y: y.toTypedArray() as Float32Array, loss: lossFunction.forward(y, target).item() };
  });
}

const zeroState = ({ h, c }: nn.LSTMState): nn.LSTMState => new nn.LSTMState(h.mul(0), c.mul(0));

export async function run({ quick, seed, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const own = seed ?? 1;
  const lesson = train(LayerNet, optim.SGD, { seed: own, lr: 0.001, steps: LESSON_STEPS });
  const byCell = train(CellNet, optim.SGD, { seed: own, lr: 0.001, steps: LESSON_STEPS });
  const improved = train(LayerNet, optim.Adam, { seed: own, lr: 0.01, steps: quick ? 300 : 500 });

  for (let step = 0; step < LESSON_STEPS; step += 10)
    print(`SGD  step ${step}  loss ${lesson.losses[step].toFixed(6)}`);
  const cellApart = Math.max(...lesson.losses.map((loss, step) => Math.abs(byCell.losses[step] / loss - 1)));
  print(
    `SGD  after ${LESSON_STEPS} steps ${lastOf(lesson.losses).toFixed(6)}; with LSTMCell at most ${cellApart.toExponential(1)} apart`,
  );
  print(`Adam after ${improved.losses.length} steps ${lastOf(improved.losses).toExponential(2)}`);

  const carried = predict(improved, improved.state);
  const fromZero = predict(improved, zeroState(improved.state));
  const fromRandom = predict(improved, improved.model.randomState());
  print(
    `from the carried state ${carried.loss.toExponential(2)}, from zeros ${fromZero.loss.toFixed(3)}, from a new random one ${fromRandom.loss.toFixed(3)}`,
  );

  const degrees = Array.from({ length: POINTS }, (_, i) => (360 * i) / (POINTS - 1));
  const truth = sineAndCosine()[1].toTypedArray() as Float32Array;
  const drawn = (title: string, predictions: Record<string, Float32Array>): Figure =>
    predictionFigure(
      {
        x: degrees,
        truth,
        predictions: Object.entries(predictions).map(([name, y]) => ({ name, y, role: "series" as const })),
      },
      { title, xTitle: "angle (degrees)", yTitle: "value", truthName: "cosine", yDomain: [-1.3, 1.3] },
    );
  await figure(
    "loss",
    lossFigure(
      { training: improved.losses },
      { title: "Adam, learning rate 0.01", xTitle: "step", yTitle: "mean squared error" },
    ),
  );
  await figure("lesson", drawn("After 100 steps of SGD with 0.001", { LSTM: predict(lesson, lesson.state).y }));
  await figure(
    "improved",
    drawn(`After ${improved.losses.length} steps of Adam with 0.01`, {
      "from the carried state": carried.y,
      "from zeros": fromZero.y,
      "from a new random state": fromRandom.y,
    }),
  );

  return {
    tutorial: "sine-to-cosine",
    mark: `loss at most ${MARK} with Adam; layer and cell with the same losses`,
    reached: carried.loss <= MARK && cellApart < 1e-4,
    lessonLoss: lastOf(lesson.losses),
    improvedLoss: carried.loss,
    zeroStateLoss: fromZero.loss,
    randomStateLoss: fromRandom.loss,
    cellApart,
    losses: lesson.losses,
  };
}
