/** Every public entry stands on its own. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test.each(["src/index.ts", "src/data/index.ts", "src/io/index.ts", "src/forecast/index.ts"])(
  "%s alone gives tensors their methods",
  async (entry) => {
    const build = await rolldown({
      input: "entry",
      platform: "neutral",
      external: [/^node:/],
      plugins: [
        {
          name: "entry",
          resolveId: (id) => (id === "entry" ? id : null),
          load: (id) =>
            id === "entry"
              ? `import * as all from "${join(root, entry)}"; import { Tensor } from "${join(root, "src/tensor/tensor.ts")}"; console.log(typeof Tensor.prototype.add, Object.keys(all).length > 0);`
              : null,
        },
      ],
    });
    const { output } = await build.generate({ format: "esm", codeSplitting: false });
    await build.close();
    const printed = execFileSync(process.execPath, ["--input-type=module"], {
      encoding: "utf8",
      input: output[0].code,
    });
    expect(printed.trim()).toBe("function true");
  },
);
