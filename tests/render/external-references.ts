/** Whatever a browser would fetch: all but fragments and data. */
export function externalReferences(markup: string): string[] {
  const found = [
    ...markup.matchAll(/(?:\s(?:xlink:)?href|\ssrc|\saction|\sposter)="([^"]*)"|url\(([^)]*)\)|(@import)/g),
  ];
  return found
    .map((match) => match[1] ?? match[2] ?? match[3])
    .filter((target) => !/^["']?(#|data:image\/)/.test(target));
}
