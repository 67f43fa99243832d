/**
 * Running statistics for weights that were not trained as they are, such as means of weights: one pass over the data in
 * training mode counts them anew. PyTorch's `update_bn`.
 */

import { noGrad } from "../../autograd/grad-mode.ts";
import { BatchNorm1d } from "../../nn/batch-norm.ts";
import type { Module } from "../../nn/module.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { AveragedModel } from "./averaged-model.ts";

/**
 * Resets the running statistics of every BatchNorm1d and takes them over all batches, each with the same weight.
 * @param loader batches: tensors, or lists of which the first is the model's input
 * @param model  a module, or an AveragedModel, whose means' statistics are meant. Its training mode stays as it is
 */
export function updateBn(loader: Iterable<Tensor | readonly unknown[]>, model: Module): void {
  if (model instanceof AveragedModel) {
    model.withMeans((inner: Module) => updateBn(loader, inner));
    return;
  }
  const norms = [...model.modules()].filter((module) => module instanceof BatchNorm1d);
  if (norms.length === 0) return;
  const modes = Array.from(model.modules(), (module) => [module, module.training] as const);
  const momenta = norms.map((norm) => norm.momentum);
  try {
    model.train();
    for (const norm of norms) {
      norm.resetRunningStats();
      norm.momentum = null; // every batch counts the same
    }
    noGrad(() => {
      const run = model.call as (input: Tensor) => unknown;
      for (const batch of loader) run.call(model, inputOf(batch));
    });
  } finally {
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i];
    });
    for (const [module, training] of modes) module.training = training;
  }
}

function inputOf(batch: Tensor | readonly unknown[]): Tensor {
  const input = batch instanceof Tensor ? batch : batch[0];
  if (input instanceof Tensor) return input;
  throw new ArgumentError("updateBn: batches must be tensors, or lists that begin with the model's input");
}
