/**
 * Builds the Node addon: one object per kernel file and instruction set, by the C++ compiler that is there.
 *
 *   node kernels/build.mjs              an error if it cannot
 *   node kernels/build.mjs --optional   one line if it cannot, and exit code 0: the next backend takes over
 *   node kernels/build.mjs --if-stale   nothing if the addon is newer than its sources
 *
 * $CXX names the compiler, else the first of g++, clang++ and c++ that runs. The result is build/refrain-<platform>-<arch>.node, and
 * beside it a .json with its size and checksum, by which a damaged file is known before it is loaded.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

const kernels = dirname(fileURLToPath(import.meta.url));
const root = dirname(kernels);
const build = join(root, "build");
const objects = join(build, `objects-${process.pid}`);
const name = `refrain-${process.platform}-${process.arch}`;
const optional = process.argv.includes("--optional");

/** Compiled once per instruction set; and once for all. */
const KERNELS = [
  "product",
  "inner-products",
  "recurrent",
  "recurrent-forward",
  "recurrent-backward",
  "sequence-lanes-forward",
  "sequence-lanes-backward",
  "matmul",
  "elementwise",
  "reductions",
  "optimisers",
  "table",
];
const GLUE = ["node", "node-memory", "node-recurrent", "threads"];

const INSTRUCTION_SETS = {
  x64: [
    { name: "avx512", bytes: 64, flags: ["-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mavx2", "-mfma"] },
    { name: "avx2", bytes: 32, flags: ["-mavx2", "-mfma"] },
    { name: "baseline", bytes: 16, flags: [] },
  ],
  arm64: [{ name: "baseline", bytes: 16, flags: [] }],
};

const COMMON = ["-O3", "-std=c++17", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unknown-warning-option"];
// No contraction: a fused multiply-add only where one is written. The warnings are false alarms of GCC about its own vector types.
const ARITHMETIC = [
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-exceptions",
  "-fno-rtti",
  "-Wno-psabi",
  "-Wno-maybe-uninitialized",
  "-Wno-uninitialized",
];

async function main() {
  const sets = INSTRUCTION_SETS[process.arch];
  if (sets === undefined) throw new Error(`no kernels are written for ${process.arch}`);
  if (process.platform === "win32") throw new Error("the addon is not built on Windows");
  const addon = join(build, `${name}.node`);
  if (process.argv.includes("--if-stale") && isFresh(addon)) return;

  const compiler = findCompiler();
  const headers = (await import("node-api-headers")).include_dir;
  const started = performance.now();
  mkdirSync(objects, { recursive: true });

  const jobs = [];
  for (const file of GLUE) jobs.push([file, `${file}.o`, ["-I", headers]]);
  for (const set of sets)
    for (const file of KERNELS)
      jobs.push([
        file,
        `${file}-${set.name}.o`,
        [`-DREFRAIN_ISA=${set.name}`, `-DVB=${set.bytes}`, ...ARITHMETIC, ...set.flags],
      ]);
  await inParallel(jobs, ([file, object, flags]) =>
    run(compiler, [...COMMON, ...flags, "-c", join(kernels, `${file}.cc`), "-o", join(objects, object)]),
  );

  const link =
    process.platform === "darwin"
      ? ["-undefined", "dynamic_lookup"]
      : ["-static-libstdc++", "-static-libgcc", "-Wl,-z,nodelete", "-Wl,--gc-sections", "-s"]; // nodelete: sleeping threads outlive a worker
  const unfinished = join(objects, `${name}.node`);
  await run(compiler, [
    "-shared",
    "-pthread",
    ...jobs.map(([, object]) => join(objects, object)),
    ...link,
    "-o",
    unfinished,
  ]);
  const bytes = readFileSync(unfinished);
  const about = {
    bytes: bytes.length,
    crc32: crc32(bytes),
    compiler: firstLine(compiler),
    instructionSets: sets.map((set) => set.name),
  };
  writeFileSync(join(build, `${name}.json`), `${JSON.stringify(about, null, 2)}\n`);
  renameSync(unfinished, addon);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`kernels: build/${name}.node (${sets.map((set) => set.name).join(", ")}) in ${seconds} s`);
}

function isFresh(addon) {
  if (!existsSync(addon) || !existsSync(join(build, `${name}.json`))) return false;
  const made = statSync(addon).mtimeMs;
  return readdirSync(kernels).every((file) => statSync(join(kernels, file)).mtimeMs <= made);
}

function findCompiler() {
  const wanted = process.env.CXX ? [process.env.CXX] : ["g++", "clang++", "c++"];
  const found = wanted.find((command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0);
  if (found === undefined) throw new Error(`no C++ compiler runs (tried ${wanted.join(", ")})`);
  return found;
}

const firstLine = (compiler) => spawnSync(compiler, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];

async function inParallel(jobs, work) {
  let next = 0;
  const workers = Array.from({ length: availableParallelism() }, async () => {
    while (next < jobs.length) await work(jobs[next++]);
  });
  await Promise.all(workers);
}

async function run(compiler, args) {
  const { stderr } = await promisify(execFile)(compiler, args, { encoding: "utf8", maxBuffer: 2 ** 24 }).catch(
    (error) => {
      throw new Error(`${compiler} failed:\n${(error.stderr || error.message).split("\n").slice(0, 20).join("\n")}`);
    },
  );
  if (stderr.trim() !== "") console.warn(stderr.trim());
}

try {
  await main();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  if (optional) {
    console.log(`kernels: not built, another backend takes over (${reason.split("\n")[0]})`);
  } else {
    console.error(`kernels: ${reason}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(objects, { recursive: true, force: true });
}
