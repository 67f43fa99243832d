/** Devices by name. The CPU is the one there is so far; asking for another is one clear error. */

import { BackendError } from "../tensor/errors.ts";

export interface Device {
  readonly type: string;
}

/**
 * A device by name: `device("cpu")`.
 * @throws {BackendError} for a device that is not available here
 */
export function device(name: string): Device {
  checkDevice("device", name);
  return { type: name };
}

export function checkDevice(place: string, target: string | Device): void {
  const type = typeof target === "string" ? target : target.type;
  if (type !== "cpu") {
    throw new BackendError(
      `${place}: there is no "${type}" here; the available device is "cpu" (a dtype would be one of float32, float64, int32, int64, uint8, bool)`,
    );
  }
}
