import { manualSeed, nn, noGrad, randn, type Tensor } from "refrain";
import { beforeAll, describe, expect, it } from "vitest";
import { addedPeriods, exactRecurrence } from "../../tutorials/memory/added-periods.ts";
import { bestOfWindow, periodOf } from "../../tutorials/memory/decimals.ts";
import { fractionDigits, piDigits } from "../../tutorials/memory/digits.ts";
import { CELL_NAMES, gradientByLag, RecallNet, recallTask } from "../../tutorials/memory/fading-gradient.ts";
import { ambiguityFloor, joinedPeriods } from "../../tutorials/memory/joined-periods.ts";
import { autoregression, leastSquares } from "../../tutorials/memory/least-squares.ts";
import { DenseNet, equalWidth, GRUNet, parametersOf } from "../../tutorials/memory/nets.ts";
import { answerCarried, answerWindowed, part, trainCarried } from "../../tutorials/memory/training.ts";
import { type QuickRun, quickRun } from "./quick-run.ts";

const numbersOf = (x: Tensor): number[] => Array.from(x.contiguous().toTypedArray() as Float32Array);

describe("digits", () => {
  /** 10^digits · arctan(1/n), in whole numbers. */
  function arctan(n: bigint, scale: bigint): bigint {
    let sum = 0n;
    let term = scale / n;
    for (let k = 1n; term !== 0n; k += 2n, term /= -n * n) sum += term / k;
    return sum;
  }

  it("of π are those of Machin's formula", () => {
    const scale = 10n ** 1020n;
    const machin = (16n * arctan(5n, scale) - 4n * arctan(239n, scale)).toString();
    expect(piDigits(1000).join("")).toBe(machin.slice(0, 1000));
  });

  it("of a fraction are those of the quotient", () => {
    for (const denominator of [7, 17, 97]) {
      const quotient = (10n ** 300n / BigInt(denominator)).toString().padStart(300, "0");
      expect(fractionDigits(denominator, 300).join("")).toBe(quotient);
      const period = periodOf(denominator);
      expect(quotient.slice(period, 2 * period)).toBe(quotient.slice(0, period));
    }
    expect([7, 17, 97].map(periodOf)).toEqual([6, 16, 96]);
  });

  it("of 1/97 follow one another in every order: one digit allows 10 of 96, two allow all", () => {
    const digits = fractionDigits(97, 97);
    expect(new Set(digits.slice(0, -1).map((digit, i) => 10 * digit + digits[i + 1])).size).toBe(96);
    expect(bestOfWindow(digits, 1)).toBeCloseTo(10 / 96, 12);
    expect(bestOfWindow(fractionDigits(97, 98), 2)).toBe(1);
    expect(bestOfWindow(fractionDigits(7, 61), 1)).toBe(1);
  });
});

describe("the ambiguity floor", () => {
  // Three short waves and two long ones in 55 steps; a window of 4 knows which kind ended, not which comes.
  const step = Math.sin((2 * Math.PI) / 5) - Math.sin((2 * Math.PI) / 20);
  const series = joinedPeriods(56 * 55);

  it("is the variance of what can follow", () => {
    const afterShort = 3 * (1 / 3) * (2 / 3);
    const afterLong = 2 * (1 / 2) * (1 / 2);
    expect(ambiguityFloor(series, 4, 55)).toBeCloseTo(((afterShort + afterLong) * step ** 2) / 55, 12);
  });

  it("never rises with the window, and is gone when the window holds the last wave but one", () => {
    const floors = [1, 2, 4, 8, 12, 16, 20, 24, 28].map((window) => ambiguityFloor(series, window, 55));
    for (const [i, floor] of floors.slice(1).entries()) expect(floor).toBeLessThanOrEqual(floors[i] + 1e-12);
    expect(floors[6]).toBeGreaterThan(1e-3);
    expect(floors[7]).toBeLessThan(1e-24);
  });
});

describe("least squares", () => {
  it("leaves a rest that is orthogonal to every column", () => {
    manualSeed(3);
    const columns = Array.from({ length: 3 }, () => Float64Array.from(numbersOf(randn([40]))));
    const y = Float64Array.from(numbersOf(randn([40])));
    const a = leastSquares(columns, y);
    const rest = y.map((value, i) => value - columns.reduce((sum, column, k) => sum + a[k] * column[i], 0));
    for (const column of columns) expect(column.reduce((sum, value, i) => sum + value * rest[i], 0)).toBeCloseTo(0, 10);
  });

  it("finds the recurrence of two sines", () => {
    const found = autoregression(addedPeriods(400), 4);
    exactRecurrence().forEach((coefficient, k) => {
      expect(found[k]).toBeCloseTo(coefficient, 9);
    });
  });
});

describe("the nets", () => {
  it("have equally many parameters, as nearly as a whole width allows", () => {
    for (const [sizes, window, hidden] of [
      [{ inputs: 1, outputs: 1 }, 4, 16],
      [{ inputs: 1, outputs: 1 }, 28, 16],
      [{ inputs: 10, outputs: 10 }, 1, 24],
    ] as const) {
      const width = equalWidth(sizes, window, hidden);
      const wanted = parametersOf(new GRUNet(sizes, hidden));
      const apart = (w: number) => Math.abs(parametersOf(new DenseNet(sizes, window, w)) - wanted);
      expect(apart(width)).toBeLessThanOrEqual(Math.min(apart(width - 1), apart(width + 1)));
    }
  });

  it("say the same whether a series is read at once or in chunks with the state carried", () => {
    manualSeed(1);
    const net = new GRUNet({ inputs: 1, outputs: 1 }, 8);
    const inputs = randn([30, 1]);
    const once = numbersOf(answerCarried(net, inputs));
    const chunks = noGrad(() => {
      const [first, state] = net.readOn(inputs.slice(0, 0, 11).unsqueeze(0), null);
      const [second] = net.readOn(inputs.slice(0, 11).unsqueeze(0), state.detach());
      return [...numbersOf(first), ...numbersOf(second)];
    });
    chunks.forEach((value, i) => {
      expect(value).toBeCloseTo(once[i], 5);
    });
  });

  it("that read windows know nothing of what came before", () => {
    manualSeed(1);
    const sizes = { inputs: 1, outputs: 1 };
    const inputs = randn([30, 1]);
    const other = inputs.clone();
    noGrad(() => other.narrow(0, 0, 10).fill_(7));
    for (const net of [new DenseNet(sizes, 5, 8), new GRUNet(sizes, 8)]) {
      const said = (x: Tensor) => numbersOf(answerWindowed(net, x, 5)).slice(10);
      expect(said(other)).toEqual(said(inputs));
    }
    const carried = new GRUNet(sizes, 8);
    expect(numbersOf(answerCarried(carried, other))[12]).not.toBe(numbersOf(answerCarried(carried, inputs))[12]);
  });

  it("get no gradient from beyond a chunk: the state is carried, its graph is not", () => {
    manualSeed(1);
    const net = new GRUNet({ inputs: 1, outputs: 1 }, 8);
    const inputs = randn([40, 1]);
    const sequence = { inputs, targets: randn([40, 1]) };
    const mse = new nn.MSELoss();
    const losses = trainCarried(net, part(sequence, 0, 40), {
      tracks: 4,
      chunk: 2,
      updates: 12,
      learningRate: 0.01,
      loss: (outputs, targets) => mse.forward(outputs, targets),
    });
    expect(losses).toHaveLength(12);

    const first = inputs.slice(0, 0, 5).unsqueeze(0).clone();
    first.requiresGrad = true;
    const [, state] = net.readOn(first, null);
    net
      .readOn(inputs.slice(0, 5, 9).unsqueeze(0), state.detach())[0]
      .sum()
      .backward();
    expect(first.grad).toBeNull();
  });
});

describe("the gradient by lag", () => {
  it("is the product of the Jacobians", () => {
    manualSeed(2);
    const net = new RecallNet("RNN");
    const [x, y] = recallTask(3, 12);
    const [W, U, b, c] = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map((name) =>
      numbersOf(net.cell.getParameter(name)),
    );
    const [V, [d]] = [numbersOf(net.out.weight), numbersOf(net.out.bias as Tensor)];
    const H = V.length;
    const [inputs, targets] = [numbersOf(x), numbersOf(y)];
    const byLag = new Array(12).fill(0);
    for (let sample = 0; sample < 3; sample++) {
      const states: number[][] = [];
      let h = new Array(H).fill(0);
      for (let t = 0; t < 12; t++) {
        const at = (sample * 12 + t) * 2;
        h = h.map((_, i) => {
          const fromState = h.reduce((sum, value, j) => sum + U[i * H + j] * value, 0);
          return Math.tanh(W[2 * i] * inputs[at] + W[2 * i + 1] * inputs[at + 1] + b[i] + c[i] + fromState);
        });
        states.push(h);
      }
      const said = h.reduce((sum, value, i) => sum + V[i] * value, d);
      let dh = V.map((weight) => 2 * (said - targets[sample]) * weight);
      for (let lag = 0; lag < 12; lag++) {
        const da = dh.map((value, i) => value * (1 - states[11 - lag][i] ** 2));
        const dx = [0, 1].map((feature) => da.reduce((sum, value, i) => sum + W[2 * i + feature] * value, 0));
        byLag[lag] += Math.hypot(...dx) / 3;
        dh = dh.map((_, j) => da.reduce((sum, value, i) => sum + U[i * H + j] * value, 0));
      }
    }
    gradientByLag(net, [x, y]).forEach((norm, lag) => {
      expect(norm / byLag[lag], `at lag ${lag}`).toBeCloseTo(1, 3);
    });
  });
});

describe("the lesson", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("memory");
  }, 240_000);

  it("reaches its marks", () => {
    expect(lesson.metrics.reached).toBe(true);
    expect(lesson.lines.filter((line) => line.includes("mark:"))).toHaveLength(4);
    expect([...lesson.figures.keys()]).toEqual(["noise", "decimals", "joined", "added", "fading"]);
  });

  it("finds nothing in noise and in π that the mean does not know", () => {
    const { results } = lesson.metrics.noise as { results: Record<string, { test: number }[]> };
    const ratios = Object.values(results).flatMap((scores) => scores.map(({ test }) => test));
    expect(ratios).toHaveLength(6);
    for (const ratio of ratios) expect(ratio).toBeGreaterThan(0.99);
  });

  it("knows every digit of 1/97 with a memory, and one in ten without", () => {
    const { results, recited } = lesson.metrics.decimals as {
      results: { accuracy: Record<string, number> }[];
      recited: number;
    };
    const { accuracy } = results[0];
    expect(accuracy.dense).toBeCloseTo(10 / 96, 12);
    expect(accuracy.windowed).toBeCloseTo(10 / 96, 12);
    expect(accuracy.carried).toBe(1);
    expect(recited).toBe(480);
  });

  it("goes below the floor of a window only with a state that is carried", () => {
    const { floor, mse } = lesson.metrics.joined as { floor: number; mse: Record<string, number> };
    expect(mse.dense).toBeGreaterThanOrEqual(floor);
    expect(mse.windowed).toBeGreaterThanOrEqual(floor);
    expect(mse.carried).toBeLessThan(0.5 * floor);
  });

  it("has least squares exact where the nets are near", () => {
    const { linear, nets } = lesson.metrics.added as { linear: number[]; nets: Record<string, number> };
    expect(linear[2]).toBeGreaterThan(0.01);
    expect(linear[3]).toBeLessThan(1e-10);
    for (const rmse of Object.values(nets)) expect(rmse).toBeGreaterThan(1e-4);
  });

  it("sees the gradient fade by a factor a step, slower where the forget gate stands open", () => {
    const { initial, factor } = lesson.metrics.fading as {
      initial: Record<string, number[]>;
      factor: Record<string, number>;
    };
    for (const cell of CELL_NAMES) for (const norm of initial[cell]) expect(norm).toBeGreaterThan(0);
    // A matrix of uniform entries in ±1/√H has a spectral radius near 1/√3.
    expect(factor.RNN).toBeGreaterThan(0.5);
    expect(factor.RNN).toBeLessThan(0.65);
    expect(factor["LSTM, forget bias 1"]).toBeGreaterThan(factor.LSTM + 0.1);
    expect(initial["LSTM, forget bias 1"][40]).toBeGreaterThan(1e3 * initial.GRU[40]);
  });
});
