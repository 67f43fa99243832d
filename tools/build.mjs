/**
 * Builds what can be built here: the native kernels (if there is a compiler), the library, the apps and their types.
 *
 *   node tools/build.mjs              everything
 *   node tools/build.mjs --if-stale   only if a source is newer than what was built
 *   node tools/build.mjs --no-types   without the .d.ts files
 *
 * `npm ci` runs it in a clone. Those who install the published packages never do: dist/ is in the tarball.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);

/** Packages of this repository: from which entries, to where, and what they find installed beside them. */
const packages = [
  {
    directory: ".",
    entries: {
      index: "src/index.ts",
      data: "src/data/index.ts",
      io: "src/io/index.ts",
      figure: "src/figure/index.ts",
      forecast: "src/forecast/index.ts",
      "inlined-wasm": "src/inlined-wasm.ts",
    },
    external: [/^node:/],
    // They are found beside the code, so the code stays in one folder.
    files: ["simd128", "relaxed", "simd128-threads", "relaxed-threads"].map((name) => `src/backend/wasm/${name}.wasm`),
  },
  { directory: "apps/render", entries: { index: "src/index.ts" }, external: [/^[^./]/] },
  { directory: "tutorials", entries: { index: "index.ts" }, external: [/^[^./]/] },
  { directory: "apps/cli", entries: { main: "src/main.ts" }, external: [/^[^./]/] },
];

/** The newest modification below a path, in ms since 1970; dist folders and tests do not count. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => !["dist", "build", "node_modules"].includes(name))
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

function isStale() {
  const built = Math.min(
    ...packages.map(({ directory, entries }) => newest(at(directory, "dist", `${Object.keys(entries)[0]}.js`))),
  );
  return built === 0 || newest(at("src")) > built || newest(at("apps")) > built || newest(at("tutorials")) > built;
}

async function bundle({ directory, entries, external, files = [] }) {
  const input = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, at(directory, entry)]));
  if (!Object.values(input).every((entry) => existsSync(entry))) return;
  const build = await rolldown({
    input,
    cwd: root,
    platform: "neutral",
    external: [...external, ...builtinModules],
    // Names of classes are printed: they must survive.
    treeshake: true,
  });
  const { output } = await build.generate({
    format: "esm",
    sourcemap: true,
    keepNames: true,
    chunkFileNames: "[name]-[hash].js",
  });
  await build.close();
  // Only a build that succeeded takes the place of the one before.
  const dist = at(directory, "dist");
  rmSync(dist, { recursive: true, force: true });
  for (const file of output) {
    mkdirSync(dirname(join(dist, file.fileName)), { recursive: true });
    writeFileSync(join(dist, file.fileName), file.type === "chunk" ? file.code : file.source);
  }
  for (const file of files) copyFileSync(at(file), join(dist, basename(file)));
}

function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}

async function build({ types }) {
  if (existsSync(at("kernels/build.mjs"))) node(at("kernels/build.mjs"), "--optional", "--if-stale");
  for (const each of packages) await bundle(each);
  if (types && !node(at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.types.json"))) process.exitCode = 1;
}

const flags = new Set(process.argv.slice(2));
if (!flags.has("--if-stale") || isStale()) await build({ types: !flags.has("--no-types") });
