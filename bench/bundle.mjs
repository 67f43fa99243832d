/** The library as its users get it, one file for each entry, from the sources as they are now: in build/bench/. */
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const to = join(root, "build", "bench");

/** @returns the path of the library's main file */
export async function bundle() {
  const build = await rolldown({
    input: { refrain: join(root, "src/index.ts") },
    cwd: root,
    platform: "neutral",
    external: [/^node:/, ...builtinModules],
  });
  await build.write({ dir: to, format: "esm", keepNames: true, chunkFileNames: "[name].js" });
  await build.close();
  return join(to, "refrain.js");
}
