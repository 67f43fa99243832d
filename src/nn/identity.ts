/** A module that does nothing: a place to put another one later. */

import { Module } from "./module.ts";

/** Returns what it is given. */
export class Identity extends Module {
  /** Arguments are accepted and forgotten, so that it can stand in for any layer. */
  constructor(..._settings: unknown[]) {
    super();
  }

  override forward<X>(x: X): X {
    return x;
  }

  override get moduleName(): string {
    return "Identity";
  }
}
