/** How the network is judged, and the methods without a network that it has to be better than. */

import { type Tensor, zeros } from "refrain";
import { DataLoader, WindowDataset } from "refrain/data";
import { SIDE } from "./fashion-mnist.ts";
import { LinearMap } from "./linear-map.ts";
import { errorByRow, errorOf, HALF, lowerHalves, type NextRow } from "./lower-half.ts";
import { pixels } from "./row-lstm.ts";

/** The least that a network has to be better than. */
export const MEAN_IMAGE = "mean image";

/** Fits the linear opponents: 14 rows → the next row, and the upper half → the lower half. */
export function fitLinearMaps(images: Tensor): { next: LinearMap; half: LinearMap } {
  const windows = new DataLoader(new WindowDataset(images, { inputSteps: HALF }), { batchSize: 512 });
  const halves = new DataLoader(new WindowDataset(images, { inputSteps: HALF, horizon: HALF }), { batchSize: 512 });
  const flat = function* (loader: Iterable<[Tensor, Tensor]>): Iterable<[Tensor, Tensor]> {
    for (const [x, y] of loader) yield [pixels(x).flatten(1), pixels(y).flatten(1)];
  };
  return { next: LinearMap.fit(flat(windows)), half: LinearMap.fit(flat(halves)) };
}

/** What a method draws of the test pictures, and how far that is from the truth. */
export interface Result {
  readonly name: string;
  readonly isNetwork: boolean;
  /** Mean squared error per pixel, each row from true rows; null for a method that draws all at once. */
  readonly oneStep: number | null;
  /** The same for the lower half that it draws on its own, each pixel kept between 0 and 1. */
  readonly completion: number;
  /** The same without that. */
  readonly unbounded: number;
  readonly byRow: readonly number[];
  /** Of the shown pictures, [10, 14, 28]. */
  readonly shown: Tensor;
}

/** @param name of a method that draws row by row */
export async function judge(name: string, next: NextRow, test: Tensor, shown: Tensor): Promise<Result> {
  const own = await lowerHalves(next, test, "own");
  return {
    name,
    isNetwork: false,
    oneStep: errorOf(await lowerHalves(next, test, "true"), test),
    completion: errorOf(own, test),
    unbounded: errorOf(await lowerHalves(next, test, "unbounded"), test),
    byRow: errorByRow(own, test),
    shown: await lowerHalves(next, shown, "own"),
  };
}

/** The methods that need no network. */
export async function judgeOthers(images: Tensor, test: Tensor, shown: Tensor): Promise<Result[]> {
  const { next, half } = fitLinearMaps(images);
  const sum = images.split(512).reduce((total, part) => total.add(pixels(part).sum(0)), zeros([SIDE, SIDE]));
  const mean = sum.div(images.size(0)).narrow(0, HALF, HALF); // [14, 28]
  const atOnce = (name: string, draw: (images: Tensor) => Tensor, oneStep: number | null): Result => {
    const halves = draw(test);
    const bounded = halves.clamp(0, 1);
    return {
      name,
      isNetwork: false,
      oneStep,
      completion: errorOf(bounded, test),
      unbounded: errorOf(halves, test),
      byRow: errorByRow(bounded, test),
      shown: draw(shown).clamp(0, 1),
    };
  };
  const meanOf = (pictures: Tensor) => mean.expand([pictures.size(0), HALF, SIDE]);
  return [
    await judge("repeat the last row", (rows) => rows.select(1, -1), test, shown),
    atOnce(MEAN_IMAGE, meanOf, errorOf(meanOf(test), test)),
    await judge("linear, row by row", (rows) => next.forward(rows.flatten(1)), test, shown),
    atOnce("linear, all at once", (x) => half.forward(x.narrow(1, 0, HALF).flatten(1)).reshape(-1, HALF, SIDE), null),
  ];
}
