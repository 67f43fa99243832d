/** Every relative link in the pages of this repository leads to a file or folder in it, every anchor to a heading. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" }).split("\n").filter(Boolean);

/** The text without what is code: a link in a listing is an example. */
const prose = (text: string): string => text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");

/** The targets of links and images, and of `src` and `href` in HTML. */
const targets = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)="([^"]+)"/gm)]
    .map(([, inline, reference, html]) => inline ?? reference ?? html)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));

/** The anchors of headings, as GitHub makes them. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe.each(pages)("%s", (page) => {
  it("links to what is there", () => {
    const broken = targets(readFileSync(join(ROOT, page), "utf8")).filter((target) => {
      const [path, anchor] = target.split("#");
      const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), decodeURIComponent(path));
      if (relative(ROOT, file).startsWith("..") || !existsSync(file)) return true;
      return anchor !== undefined && statSync(file).isFile() && !anchors(readFileSync(file, "utf8")).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
