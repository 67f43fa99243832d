/** Averaged weights: PyTorch's `torch.optim.swa_utils`. */

export { SWALR, type SWALROptions } from "../schedulers/swa-lr.ts";
export {
  AveragedModel,
  type AveragedModelOptions,
  type AverageFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAverageFn,
} from "./averaged-model.ts";
export { updateBn } from "./update-bn.ts";
