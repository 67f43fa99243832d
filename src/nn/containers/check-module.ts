/** What containers accept as a member. */

import { ArgumentError } from "../../tensor/errors.ts";
import { Module } from "../module.ts";

/** @returns the module @throws {ArgumentError} if it is none */
export function checkModule<M extends Module>(container: string, name: string | number, module: M): M {
  if (module instanceof Module) return module;
  const cure = typeof module === "function" ? "; a class needs `new`, a function a module around it" : "";
  throw new ArgumentError(`${container}: element ${name} must be a module, got ${typeof module}${cure}`);
}
