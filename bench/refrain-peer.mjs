/**
 * Times one workload after another with Refrain, as `answer.mjs` is asked to. Everything goes through the public API. `torch_peer.py` is the
 * same for PyTorch, `jax-peer.mjs` and `tfjs-peer.mjs` for JavaScript's.
 * `node refrain-peer.mjs <library> [instruction set]`: with one, on WASM.
 */
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { answer } from "./answer.mjs";

const [library, instructionSet] = process.argv.slice(2);
// Node 20 has it behind a flag.
if (instructionSet === "relaxed" && process.versions.node.startsWith("20.")) {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}
const { backend, manualSeed, nn, noGrad, optim, randn, setBackend } = await import(pathToFileURL(library).href);
if (instructionSet !== undefined) await setBackend("wasm", { instructionSet });

class Net extends nn.Module {
  constructor({ layer, inputs, hidden, outputs }) {
    super();
    this.rnn = new nn[layer](inputs, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, outputs);
  }

  forward(x) {
    const [y] = this.rnn.forward(x);
    return this.out.forward(y.select(1, -1));
  }
}

function stepsOf(workload) {
  manualSeed(0);
  const net = new Net(workload);
  const optimizer = new optim.Adam(net.parameters());
  const loss = new nn.MSELoss();
  const x = randn([workload.batch, workload.steps, workload.inputs]);
  const y = randn([workload.batch, workload.outputs]);
  return {
    train() {
      const error = loss.forward(net.forward(x), y);
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
    },
    forward() {
      noGrad(() => net.forward(x));
    },
  };
}

await answer(stepsOf, () => backend().describe());
