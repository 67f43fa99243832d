/** Where the lessons' files are: in folders that are looked through in turn. */

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { RefrainError } from "refrain";
import { readTable, type Table } from "refrain/data";

/** A lesson's file is in none of the folders. */
export class MissingData extends RefrainError {
  override name = "MissingData";
}

export interface DataFile {
  /** Its name without folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class DataSource {
  readonly folders: readonly string[];

  /** @param folders the first that has a file gives it */
  constructor(folders: readonly string[]) {
    this.folders = folders;
  }

  /**
   * The first of the named files that is in any folder: a lesson names its own file, then what may stand in for it.
   * @throws {MissingData} if a folder does not exist, or none of the files is there
   */
  async file(...names: string[]): Promise<DataFile> {
    await this.#checkFolders();
    for (const name of names) {
      for (const folder of this.folders) {
        try {
          return { name, bytes: await readFile(join(folder, name)) };
        } catch (error) {
          if ((error as { code?: string }).code !== "ENOENT") throw error;
        }
      }
    }
    throw new MissingData(
      `data: no ${names.join(" or ")} in ${this.folders.join(", ") || "no folder at all"}; name its folder with --data`,
    );
  }

  /**
   * The first folder that has any of the named files; null if none has.
   * @throws {MissingData} if a folder does not exist
   */
  async folderWith(...names: string[]): Promise<string | null> {
    await this.#checkFolders();
    for (const folder of this.folders) {
      const there = await readdir(folder);
      if (names.some((name) => there.includes(name))) return folder;
    }
    return null;
  }

  /** As `file`, read as a table. */
  async table(...names: string[]): Promise<{ name: string; table: Table }> {
    const { name, bytes } = await this.file(...names);
    return { name, table: readTable(bytes) };
  }

  async #checkFolders(): Promise<void> {
    for (const folder of this.folders) {
      const found = await stat(folder).catch(() => null);
      if (!found?.isDirectory()) throw new MissingData(`data: there is no folder ${folder}; name one that exists`);
    }
  }
}
