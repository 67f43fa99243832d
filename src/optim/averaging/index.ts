/** Averaged weights: PyTorch's `torch.optim.swa_utils`. */

export { SWALR, type SWALROptions } from "../schedulers/swa-lr.ts";
export {
  AveragedModel,
  type AveragedModelOptions,
  type AverageFn,
  getEmaAvgFn,
  getSwaAvgFn,
} from "./averaged-model.ts";
