/** Plain collections hide modules and parameters from training: they are refused, and the container that does not is named. */

import { ArgumentError } from "../tensor/errors.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param field    where the value stands: `Net.layers`
 * @param isModule tells modules from other things
 * @throws {ArgumentError} if the value is a plain array, set, map or object that holds modules or parameters
 */
export function refuseHidden(field: string, value: unknown, isModule: (member: unknown) => boolean): void {
  const members = membersOf(value);
  if (members === null) return;
  const holdsModules = members.list.some(isModule);
  if (!holdsModules && !members.list.some((member) => member instanceof Parameter)) return;
  const container = !holdsModules ? "ParameterList([…])" : members.named ? "ModuleDict({ … })" : "ModuleList([…])";
  throw new ArgumentError(
    `${field} is a plain ${members.named ? "object or map" : "array or set"} of ${holdsModules ? "modules" : "parameters"}, ` +
      `which would not be trained; write this.${field.split(".").at(-1)} = new nn.${container}`,
  );
}

/** What a plain collection holds, and whether by name; null for anything else. */
function membersOf(value: unknown): { list: unknown[]; named: boolean } | null {
  if (Array.isArray(value) || value instanceof Set) return { list: [...value], named: false };
  if (value instanceof Map) return { list: [...value.values()], named: true };
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? { list: Object.values(value), named: true } : null;
}
