/** Every fixture says which PyTorch made it and from which lines; together they stay small enough to be committed. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const LARGEST_BYTES = 20e6;
const files = readdirSync(join(ROOT, "tests/fixtures"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".json"))
  .map((file) => join("tests/fixtures", file));

describe("fixtures", () => {
  it.each(files)("%s records its PyTorch, 2.13, and the lines that made it", (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    expect(JSON.parse(text).torch).toMatch(/^2\.13\./);
    expect(text).toMatch(/"lines?":/);
  });

  it("are small together", () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0);
    expect(bytes).toBeLessThan(LARGEST_BYTES);
  });

  it("come from scripts that the page about them lists and that refuse another PyTorch", () => {
    const page = readFileSync(join(ROOT, "tools/fixtures/README.md"), "utf8");
    const scripts = readdirSync(join(ROOT, "tools/fixtures")).filter((file) => file.endsWith(".py"));
    for (const script of scripts) {
      expect(page).toContain(`\`${script}\``);
      expect(readFileSync(join(ROOT, "tools/fixtures", script), "utf8"), script).toMatch(/startswith\("2\.13"\)/);
    }
  });
});
