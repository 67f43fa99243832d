/** How far results may be apart, and why. */

/** float32 sums in another order than PyTorch's: shares of the tensor's largest value, outputs and gradients alike. */
export const FLOAT32_OF_MAXIMUM = 1e-5;

/** The same in float64. */
export const FLOAT64_OF_MAXIMUM = 1e-12;

/** Losses of a whole training run against PyTorch's, relative, at every step. */
export const TRAINING_LOSS = 1e-4;
