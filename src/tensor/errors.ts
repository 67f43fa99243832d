/**
 * The few kinds of error that Refrain throws. A message names the place, the argument, what was expected and what came,
 * and the likely cure; the values stand in fields for programs to read.
 */

/** What every Refrain error is; `name` survives minifiers. */
export class RefrainError extends Error {
  override name = "RefrainError";
}

/** Shapes that do not fit together, or an axis that does not exist. */
export class ShapeError extends RefrainError {
  override name = "ShapeError";
}

/** A dtype where another was needed. */
export class DTypeError extends RefrainError {
  override name = "DTypeError";
}

/** A value that an argument cannot take: a negative size, an unknown option, a rate that is NaN. */
export class ArgumentError extends RefrainError {
  override name = "ArgumentError";
}

/** A gradient that cannot be computed: a graph already freed, a saved tensor overwritten, a leaf changed in place. */
export class AutogradError extends RefrainError {
  override name = "AutogradError";
}

/** Text or bytes that are not what they should be: a CSV, a state dict, a model folder. */
export class FormatError extends RefrainError {
  override name = "FormatError";
}

/** A device or backend that is not available here. */
export class BackendError extends RefrainError {
  override name = "BackendError";
}
