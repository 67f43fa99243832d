/**
 * A folder whose files appear whole or not at all: they are written beside it and renamed into place at the end.
 */

import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "./exit-code.ts";

export class OutputFolder {
  /** The folder that people asked for. */
  readonly path: string;
  readonly #staging: string;

  private constructor(path: string, staging: string) {
    this.path = path;
    this.#staging = staging;
  }

  /** Makes sure that the folder can be written to, before any work is done. @throws {DataError} if it cannot */
  static async open(path: string): Promise<OutputFolder> {
    const target = resolve(path);
    const doing = `cannot write to ${path}`;
    try {
      const found = await stat(target).catch(() => null);
      if (found !== null && !found.isDirectory()) throw Object.assign(new Error(), { code: "EEXIST" });
      if (found !== null) await access(target, constants.W_OK);
      await mkdir(dirname(target), { recursive: true });
      return new OutputFolder(target, await mkdtemp(join(dirname(target), `.${basename(target)}-`)));
    } catch (error) {
      throw fileError(doing, error);
    }
  }

  /** Writes a file that is not to be seen yet. @param name may hold folders */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    const file = join(this.#staging, name);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    } catch (error) {
      await this.discard();
      throw fileError(`cannot write ${name} to ${this.path}`, error);
    }
  }

  /** Lets everything that was written appear. Files of the same names are replaced, others stay. */
  async publish(): Promise<void> {
    try {
      if ((await stat(this.path).catch(() => null)) === null) await rename(this.#staging, this.path);
      else {
        await moveInto(this.#staging, this.path);
        await rm(this.#staging, { recursive: true, force: true });
      }
    } catch (error) {
      await this.discard();
      throw fileError(`cannot write to ${this.path}`, error);
    }
  }

  /** Forgets everything that was written and not published. */
  async discard(): Promise<void> {
    await rm(this.#staging, { recursive: true, force: true });
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await moveInto(source, target);
    else await rename(source, target);
  }
}
