/** Finding the name that was meant when one is misspelt: a column, an option. */

/** Up to three names that somebody who wrote `wanted` may have meant, likeliest first. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const folded = fold(wanted);
  const limit = folded.length === 1 ? 0 : Math.max(1, Math.floor(folded.length / 3));
  return names
    .map((name) => ({ name, distance: distanceTo(folded, fold(name), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Case, width, blanks and underscores do not tell names apart. */
function fold(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]+/g, "");
}

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`; anything above `limit` may be told as limit + 1. */
function distanceTo(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let twoBack: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], twoBack[j - 2] + 1);
    }
    twoBack = above;
    above = row;
  }
  return above[b.length];
}
