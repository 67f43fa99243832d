/** Trains with one thread and with two, and shows both lists of losses. */

import { backend, setBackend, setNumThreads } from "refrain";
import { train } from "../../../examples/browser/train.ts";

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};
const present = () => backend().threadsPresent;

try {
  await setBackend("wasm", { threads: 2 });
  // Workers arrive when the page lets them.
  while (present() < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  show("present", `${present()} present`);
  show("two", JSON.stringify([...train(20)]));
  const described = backend().describe();
  setNumThreads(1);
  show("one", JSON.stringify([...train(20)]));
  show("status", `done on ${described}`);
} catch (error) {
  show("status", `failed: ${error}`);
}
