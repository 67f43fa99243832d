/** Names given twice in one object of a JSON text, which `JSON.parse` takes silently. */

/**
 * @param json valid JSON
 * @returns the first name that an object anywhere in the text has twice, or null
 */
export function duplicateKey(json: string): string | null {
  /** The names so far of every object that is open, and null for an open array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const start = at++;
      while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
      if (!isFollowedByColon(json, at)) continue;
      const name = JSON.parse(json.slice(start, at + 1)) as string;
      const names = open.at(-1) as Set<string>;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return null;
}

function isFollowedByColon(json: string, quote: number): boolean {
  let at = quote + 1;
  while (" \t\n\r".includes(json[at])) at++;
  return json[at] === ":";
}
