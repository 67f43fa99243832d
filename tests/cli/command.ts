/** The command as people run it: the built launcher in a process of its own, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BIN = join(ROOT, "apps/cli/bin/refrain.js");
const LOCK = join(ROOT, "node_modules/.refrain-cli-tests");
const BUILD_MS = 240_000;
const LONGEST_BUILD_MS = 180_000;

/** Builds what is stale, one test file at a time: two builds at once would take dist/ from under each other. */
async function build(): Promise<void> {
  const giveUpAt = Date.now() + BUILD_MS;
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      // A run that was killed leaves its lock behind.
      const heldSince = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - heldSince > LONGEST_BUILD_MS) rmSync(LOCK, { recursive: true, force: true });
      if (Date.now() > giveUpAt) throw new Error(`${LOCK} is held by another run; remove it if there is none`);
      await sleep(200);
    }
  }
  try {
    const { status, stderr } = spawnSync(process.execPath, ["tools/build.mjs", "--if-stale", "--no-types"], {
      cwd: ROOT,
    });
    if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

const folders: string[] = [];

/** To be called once at the top of a test file: builds before its tests, and clears their folders away after them. */
export function withCommand(): void {
  beforeAll(build, BUILD_MS);
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
}

/** A new folder that holds these files, gone when the tests are over. */
export function folderWith(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "refrain-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Copies one of the bundled series into a folder. */
export function bundled(folder: string, name: string): string {
  copyFileSync(join(ROOT, "apps/cli/data", name), join(folder, name));
  return name;
}

/** Every file and folder below a folder. */
export const listing = (folder: string): string[] => readdirSync(folder, { recursive: true }).map(String).sort();

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command, and its end. */
export function start(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { process: ChildProcess; end: Promise<Ended> } {
  const { FORCE_COLOR: _, ...own } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...own, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const end = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, end };
}

export const refrain = (cwd: string, args: readonly string[], env?: Record<string, string>): Promise<Ended> =>
  start(cwd, args, env).end;

/** Waits until a file is there. */
export async function appears(path: () => string | undefined): Promise<void> {
  for (;;) {
    const file = path();
    if (file !== undefined && existsSync(file)) return;
    await sleep(5);
  }
}

/** 60 rows of months with two numeric columns; the second has a season and a trend. */
export const SALES = `month,price,sales\n${Array.from({ length: 60 }, (_, i) => {
  const month = `${2015 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")}`;
  return `${month},${(3 + Math.cos(i)).toFixed(3)},${(100 + i + 20 * Math.sin((Math.PI * i) / 6) + 3 * Math.sin(7 * i * i)).toFixed(2)}`;
}).join("\n")}\n`;

/** Options of a run of a few epochs. */
export const SHORT = ["--epochs", "3", "--hidden", "4"];
