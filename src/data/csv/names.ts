/** Column names, made unique. */

/** Empty names become `column3` (the column's place, from 1), repeated ones `close_2`, `close_3`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const nextNumber = new Map<string, number>();
  return names.map((name, i) => {
    const base = name === "" ? `column${i + 1}` : name;
    let unique = base;
    if (seen.has(base) || (name === "" && taken.has(base))) {
      let number = nextNumber.get(base) ?? 2;
      while (seen.has(`${base}_${number}`) || taken.has(`${base}_${number}`)) number++;
      unique = `${base}_${number}`;
      nextNumber.set(base, number + 1);
    }
    seen.add(unique);
    return unique;
  });
}
