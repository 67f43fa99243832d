/** The page: trains a little at a time, so that the tab stays awake, and writes every loss down. */

import { backend, setBackend } from "refrain";
import { train } from "./train.ts";

const status = document.querySelector("#status");
const list = document.querySelector("#losses");

try {
  await setBackend("wasm");
  const training = train(60);
  const start = performance.now();
  const next = () => {
    const { value, done } = training.next();
    if (done) {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      status.textContent = `done in ${seconds} s on ${backend().describe()}`;
      return;
    }
    list.append(Object.assign(document.createElement("li"), { textContent: String(value) }));
    setTimeout(next);
  };
  next();
} catch (error) {
  status.textContent = `failed: ${error instanceof Error ? error.message : String(error)}`;
}
