/** Networks: modules, recurrent layers, losses, initial values. PyTorch's `torch.nn`. */

export * from "./activations/index.ts";
export { BatchNorm1d, type BatchNormOptions } from "./batch-norm.ts";
export { Bilinear } from "./bilinear.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip-grad.ts";
export { ModuleDict } from "./containers/module-dict.ts";
export { ModuleList } from "./containers/module-list.ts";
export { ParameterList } from "./containers/parameter-list.ts";
export { Sequential, type TensorModule } from "./containers/sequential.ts";
export { Conv1d, type Conv1dOptions } from "./conv1d.ts";
export { Dropout, type DropoutOptions } from "./dropout.ts";
export { Embedding, type EmbeddingOptions, type LookupOptions } from "./embedding.ts";
export { Flatten, Unflatten } from "./flatten.ts";
export * as functional from "./functional.ts";
export type {
  ForwardHook,
  ForwardPreHook,
  FullBackwardHook,
  FullBackwardPreHook,
  GradientList,
  HookHandle,
} from "./hooks.ts";
export { Identity } from "./identity.ts";
export * as init from "./init.ts";
export { LayerNorm, type LayerNormOptions } from "./layer-norm.ts";
export { Linear } from "./linear.ts";
export * from "./losses/index.ts";
export { type LoadReport, Module, type StateDict } from "./module.ts";
export {
  type PackOptions,
  type PadPackedOptions,
  packPaddedSequence,
  padPackedSequence,
} from "./packed/pack-padded-sequence.ts";
export { PackedSequence } from "./packed/packed-sequence.ts";
export { type PadOptions, packSequence, padSequence, unpackSequence, unpadSequence } from "./packed/pad-sequence.ts";
export { Parameter } from "./parameter.ts";
export { type CellOptions, GRUCell, LSTMCell, RNNCell } from "./recurrent/cells.ts";
export { ExtendedGRU, ExtendedLSTM, ExtendedRNN, type ExtensionOptions } from "./recurrent/extended.ts";
export { GRU } from "./recurrent/gru.ts";
export { LSTM, type LSTMOptions } from "./recurrent/lstm.ts";
export { LSTMState, type LSTMStateLike } from "./recurrent/lstm-state.ts";
export { Recurrent, type RecurrentOptions, type RecurrentState, type SequenceOptions } from "./recurrent/recurrent.ts";
export { RNN, type RNNOptions } from "./recurrent/rnn.ts";
export { type CellResult, type ScanCell, type ScanOptions, scan } from "./recurrent/scan.ts";
export { RMSNorm, type RMSNormOptions } from "./rms-norm.ts";
export { type LayerSummary, type Summary, summary } from "./summary.ts";
export type { ZeroGradOptions } from "./zero-grad.ts";
