/**
 * A folder whose files appear whole or not at all: they are written beside it and renamed into place at the end.
 */

import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { access, constants, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "./exit-code.ts";

export class OutputFolder {
  /** The folder that people asked for. */
  readonly path: string;
  /** Where files wait, from the first one on. */
  #staging: string | null = null;
  /** The topmost folder above `path` that was not there before. */
  #made: string | undefined;
  /** A process that ends in the middle leaves nothing behind either. */
  readonly #onExit = () => this.discard();

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes sure that the folder can be written to, before any work is done, and leaves no trace yet. @throws {DataError} if it cannot */
  static async open(path: string): Promise<OutputFolder> {
    const folder = new OutputFolder(resolve(path));
    try {
      const found = await stat(folder.path).catch(() => null);
      if (found !== null && !found.isDirectory()) throw Object.assign(new Error(), { code: "EEXIST" });
      if (found !== null) await access(folder.path, constants.W_OK);
      folder.#stage();
      folder.discard();
      return folder;
    } catch (error) {
      folder.discard();
      throw fileError(`cannot write to ${path}`, error);
    }
  }

  #stage(): string {
    if (this.#staging === null) {
      const parent = dirname(this.path);
      process.on("exit", this.#onExit);
      this.#made = mkdirSync(parent, { recursive: true });
      this.#staging = mkdtempSync(join(parent, `.${basename(this.path)}-`));
    }
    return this.#staging;
  }

  /** Writes a file that is not to be seen yet. @param name may hold folders */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    try {
      const file = join(this.#stage(), name);
      // At once: a write that another thread still has in hand could come after the clean-up of Ctrl-C.
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    } catch (error) {
      this.discard();
      throw fileError(`cannot write ${name} to ${this.path}`, error);
    }
  }

  /** Lets everything that was written appear. Files of the same names are replaced, others stay. */
  async publish(): Promise<void> {
    try {
      const staging = this.#stage();
      if ((await stat(this.path).catch(() => null)) === null) await rename(staging, this.path);
      else {
        await moveInto(staging, this.path);
        await rm(staging, { recursive: true, force: true });
      }
      this.#settled();
    } catch (error) {
      this.discard();
      throw fileError(`cannot write to ${this.path}`, error);
    }
  }

  /** Forgets everything that was written and not published. */
  discard(): void {
    if (this.#staging !== null) rmSync(this.#staging, { recursive: true, force: true });
    if (this.#made !== undefined) removeEmpty(dirname(this.path), this.#made);
    this.#settled();
  }

  #settled(): void {
    this.#staging = null;
    this.#made = undefined;
    process.off("exit", this.#onExit);
  }
}

/** Removes a folder and those above it, up to and with `top`, as long as nothing is in them. */
function removeEmpty(folder: string, top: string): void {
  try {
    for (let each = folder; ; each = dirname(each)) {
      rmdirSync(each);
      if (each === top) return;
    }
  } catch {
    // somebody else has put something there
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
