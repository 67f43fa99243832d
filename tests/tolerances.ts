/** How far results may be apart, and why. */

/** float32 sums in another order than PyTorch's: shares of the tensor's largest value, outputs and gradients alike. */
export const FLOAT32_OF_MAXIMUM = 1e-5;

/** The same in float64. */
export const FLOAT64_OF_MAXIMUM = 1e-12;

/** Losses of a whole training run against PyTorch's, relative, at every step. */
export const TRAINING_LOSS = 1e-4;

/** A recurrent layer's error against float64 may be this many times PyTorch's: sums in other orders, each as good as the other. */
export const TIMES_PYTORCH_ERROR = 2;

/** Where PyTorch happens to round to nearly the exact number: four units in the last place of the tensor's largest value. */
export const UNITS_OF_MAXIMUM = 4 * 2 ** -23;
