/**
 * Times workloads with jax-js: one jitted function that goes through time, back, and through Adam; it has no recurrent layers and no `scan`.
 * `node jax-peer.mjs <folder with node_modules>`. See `answer.mjs` for what is asked.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer } from "./answer.mjs";

const find = createRequire(join(process.argv[2], "any.cjs"));
const entry = find.resolve("@jax-js/jax");
const { version } = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"));
const {
  defaultDevice,
  init,
  jit,
  nn,
  numpy: np,
  tree,
  valueAndGrad,
} = await import(pathToFileURL(entry.replace(/\.cjs$/, ".js")).href);
await init("wasm");
defaultDevice("wasm");

const GATES = { RNN: 1, LSTM: 4, GRU: 3 };

/** One step of a cell: → the next state. What is passed on is used up; `.ref` keeps it. */
const CELLS = {
  RNN: (x, { h }) => ({ h: np.tanh(x.add(h)) }),
  LSTM: (x, { h, c }) => {
    const [i, f, g, o] = np.split(x.add(h), 4, 1);
    const next = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    return { h: nn.sigmoid(o).mul(np.tanh(next.ref)), c: next };
  },
};

function stepsOf({ layer, inputs, hidden, outputs, batch, steps }) {
  if (CELLS[layer] === undefined) throw new Error(`jax-peer.mjs has no ${layer}`);
  const uniform = (...shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return np
      .array(Float32Array.from({ length: count }, () => (2 * Math.random() - 1) * hidden ** -0.5))
      .reshape(shape);
  };
  const G = GATES[layer];
  const zeros = (like) => tree.map((x) => np.zeros(x.shape), like);
  let parameters = {
    ...{ w: uniform(inputs, G * hidden), u: uniform(hidden, G * hidden), b: uniform(G * hidden) },
    ...{ out: uniform(hidden, outputs), bias: uniform(outputs) },
  };
  let mean = zeros(parameters);
  let square = zeros(parameters);
  const x = Array.from({ length: steps }, () => uniform(batch, inputs));
  const y = uniform(batch, outputs);

  const loss = ({ w, u, b, out, bias }, xs, target) => {
    let state = { h: np.zeros([batch, hidden]), c: np.zeros([batch, hidden]) };
    for (const x of xs) {
      const fromX = np.matmul(x, w.ref).add(b.ref);
      state = CELLS[layer](fromX, { ...state, h: np.matmul(state.h, u.ref) });
    }
    const difference = np.matmul(state.h, out).add(bias).sub(target);
    return np.mean(np.square(difference));
  };
  const leafStep = (p, g, m, v, size) => {
    const nextM = m.mul(0.9).add(g.ref.mul(0.1));
    const nextV = v.mul(0.999).add(np.square(g).mul(0.001));
    const by = nextM.ref.mul(size).div(np.sqrt(nextV.ref).add(1e-8));
    return [p.sub(by), nextM, nextV];
  };
  const step = jit((parameters, mean, square, size, xs, target) => {
    const [error, gradients] = valueAndGrad(loss)(tree.ref(parameters), xs, target);
    const next = [{}, {}, {}];
    for (const name of Object.keys(parameters)) {
      const own = leafStep(parameters[name], gradients[name], mean[name], square[name], size.ref);
      for (const [i, value] of own.entries()) next[i][name] = value;
    }
    return [error, ...next];
  });
  let count = 0;
  return {
    train() {
      count++;
      const size = np.array(0.001 * (Math.sqrt(1 - 0.999 ** count) / (1 - 0.9 ** count)));
      let error;
      [error, parameters, mean, square] = step(parameters, mean, square, size, tree.ref(x), y.ref);
      return error.data();
    },
  };
}

await answer(stepsOf, () => `jax-js ${version} (wasm)`);
