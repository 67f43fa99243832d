/** Networks: modules, recurrent layers, losses, initial values. PyTorch's `torch.nn`. */

export { LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from "./activations.ts";
export { clipGradNorm, clipGradValue } from "./clip-grad.ts";
export { ModuleList, Sequential, type TensorModule } from "./containers.ts";
export { Dropout } from "./dropout.ts";
export * as init from "./init.ts";
export { Linear } from "./linear.ts";
export { CrossEntropyLoss, type CrossEntropyLossOptions } from "./losses/cross-entropy-loss.ts";
export { L1Loss } from "./losses/l1-loss.ts";
export type { ElementLossOptions, LossOptions, ReductionName } from "./losses/loss.ts";
export { MSELoss } from "./losses/mse-loss.ts";
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
export { GRU } from "./recurrent/gru.ts";
export { LSTM, type LSTMOptions } from "./recurrent/lstm.ts";
export { LSTMState, type LSTMStateLike } from "./recurrent/lstm-state.ts";
export type { RecurrentOptions, SequenceOptions } from "./recurrent/recurrent.ts";
export { RNN, type RNNOptions } from "./recurrent/rnn.ts";
