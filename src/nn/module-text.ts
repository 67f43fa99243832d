/** How modules are printed: to the letter as PyTorch prints them. */

export const indent = (text: string): string => text.replace(/^/gm, "  ");

/** A name, what it says of itself, and a line for every child. */
export function moduleText(name: string, own: string, children: readonly (readonly [string, string])[]): string {
  const ownLines = own === "" ? [] : own.split("\n");
  if (children.length === 0 && ownLines.length < 2) return `${name}(${own})`;
  // Only what lies inside a child is moved in by its parent; the lines a module says of itself follow its own first one.
  const lines = [...ownLines.map((line) => `  ${line}`), ...children.map(([key, text]) => indent(`(${key}): ${text}`))];
  return `${name}(\n${lines.join("\n")}\n)`;
}

/** Neighbours that print alike become one line: `(0-2): 3 x Linear(…)`. */
export function foldAlike(texts: readonly string[]): [string, string][] {
  const folded: [string, string][] = [];
  for (let first = 0; first < texts.length; ) {
    let last = first;
    while (texts[last + 1] === texts[first]) last++;
    folded.push(
      last === first ? [`${first}`, texts[first]] : [`${first}-${last}`, `${last - first + 1} x ${texts[first]}`],
    );
    first = last + 1;
  }
  return folded;
}

/** A float as Python writes it: 1.0, 0.01, 1e-05. */
export function pythonFloat(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const size = Math.abs(x);
  if (x === 0 || (size >= 1e-4 && size < 1e16)) return Number.isInteger(x) ? `${x}.0` : String(x);
  return x.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

export const pythonBool = (x: boolean): string => (x ? "True" : "False");

/** A tuple as Python writes it: (3,) or (2, 3). */
export const pythonTuple = (sizes: readonly number[]): string =>
  sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`;
