/** State dicts and checkpoints as bytes, in and out. Reading and writing the files themselves is left to the program. */

import "../install-methods.ts";

export { type Checkpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { loadPyTorch, savePyTorch } from "./pytorch.ts";
export { loadSafetensors, type Safetensors, saveSafetensors } from "./safetensors.ts";
