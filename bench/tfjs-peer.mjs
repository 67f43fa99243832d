/**
 * Times workloads with TensorFlow.js, by its own layers and `trainOnBatch`: `node tfjs-peer.mjs <folder with node_modules> wasm|cpu`. See
 * `answer.mjs` for what is asked.
 */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { answer } from "./answer.mjs";

const [folder, backend] = process.argv.slice(2);
const find = createRequire(join(folder, "any.cjs"));
console.warn = () => {};
console.log = () => {};
const tf = find("@tensorflow/tfjs");
if (backend === "wasm") {
  find("@tensorflow/tfjs-backend-wasm").setWasmPaths(dirname(find.resolve("@tensorflow/tfjs-backend-wasm")) + sep);
}
await tf.setBackend(backend);
await tf.ready();

const LAYERS = { RNN: "simpleRNN", LSTM: "lstm", GRU: "gru" };

function stepsOf({ layer, inputs, hidden, outputs, batch, steps }) {
  const model = tf.sequential();
  // PyTorch's initial values cost nothing to make; an orthogonal matrix takes minutes.
  const recurrentInitializer = tf.initializers.randomUniform({ minval: -(hidden ** -0.5), maxval: hidden ** -0.5 });
  model.add(tf.layers[LAYERS[layer]]({ units: hidden, inputShape: [steps, inputs], recurrentInitializer }));
  model.add(tf.layers.dense({ units: outputs }));
  model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
  const x = tf.randomNormal([batch, steps, inputs]);
  const y = tf.randomNormal([batch, outputs]);
  return { train: () => model.trainOnBatch(x, y) };
}

await answer(stepsOf, () => `TensorFlow.js ${tf.version.tfjs} (${tf.getBackend()})`);
