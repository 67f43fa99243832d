/**
 * The lower half of pictures, drawn row by row by anything that says a next row.
 *
 *   "true"        row t from the true rows t − 14 … t − 1
 *   "own"         row t from the rows t − 14 … t − 1 of the picture as completed so far, kept between 0 and 1 as pixels are
 *   "unbounded"   the same, but with rows fed back as they were said
 *
 * All are about the same pixels, so their errors can be compared.
 */

import { cat, noGrad, type Tensor } from "refrain";

/** Rows that are given, and as many that are to be drawn. */
export const HALF = 14;
/** Pictures at a time, so that memory stays flat. */
const BATCH = 128;

/** rows [B, 14, 28] → the next row [B, 28] */
export type NextRow = (rows: Tensor) => Tensor;

/** What a row is drawn from. */
export type Rows = "true" | "own" | "unbounded";

/**
 * @param images [N, 28, 28]
 * @returns rows 14 … 27, [N, 14, 28]
 */
export async function lowerHalves(next: NextRow, images: Tensor, rows: Rows): Promise<Tensor> {
  const halves: Tensor[] = [];
  for (const part of images.split(BATCH)) {
    halves.push(noGrad(() => lowerHalf(next, part, rows)));
    await turn();
  }
  return cat(halves);
}

function lowerHalf(next: NextRow, images: Tensor, rows: Rows): Tensor {
  const drawn: Tensor[] = [];
  let seen = images.narrow(1, 0, HALF); // [B, 14, 28]
  for (let t = 1; t <= HALF; t++) {
    const said = next(seen).unsqueeze(1); // [B, 1, 28]
    const row = rows === "own" ? said.clamp(0, 1) : said;
    drawn.push(row);
    seen = rows === "true" ? images.narrow(1, t, HALF) : cat([seen.narrow(1, 1, HALF - 1), row], 1);
  }
  return cat(drawn, 1);
}

/** The mean squared error of lower halves [N, 14, 28] against those of the pictures [N, 28, 28]. */
export function errorOf(halves: Tensor, images: Tensor): number {
  return noGrad(() =>
    halves
      .sub(images.narrow(1, HALF, HALF))
      .square()
      .mean()
      .item(),
  );
}

/** The same for each row: 14 numbers. */
export function errorByRow(halves: Tensor, images: Tensor): number[] {
  return noGrad(
    () =>
      halves
        .sub(images.narrow(1, HALF, HALF))
        .square()
        .mean([0, 2])
        .toArray() as number[],
  );
}

/** Lets go of the thread for a moment: Ctrl-C is heard only then. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
