/** The figures of the lesson. */

import { cat, type Tensor } from "refrain";
import {
  type Figure,
  type GreyImage,
  imageGridFigure,
  lineFigure,
  lossFigure,
  panelFigure,
  scoreFigure,
} from "refrain/figure";
import type { TutorialContext } from "../tutorial.ts";
import { CLASSES, type LabelledImages } from "./fashion-mnist.ts";
import { HALF } from "./lower-half.ts";
import type { Result } from "./opponents.ts";
import type { History } from "./training.ts";

type Keep = TutorialContext["figure"];

/** Pictures in a row of the samples. */
const COLUMNS = 5;
/** Of figures with ten pictures in a row, so that their names fit. */
const WIDTH = 960;

/** [28, 28] → a picture */
function greyImage(x: Tensor, caption?: string): GreyImage {
  const image = { pixels: x.toArray() as number[][] };
  return caption === undefined ? image : { ...image, caption };
}

const greyImages = (x: Tensor): GreyImage[] => x.unbind(0).map((each) => greyImage(each));

/** Upper halves of pictures [N, 28, 28] over drawn lower halves [N, 14, 28]. */
const completed = (pictures: Tensor, halves: Tensor): GreyImage[] =>
  greyImages(cat([pictures.narrow(1, 0, HALF), halves], 1));

/** 25 training pictures with their labels. */
export async function drawSamples(keep: Keep, { images, labels }: LabelledImages): Promise<void> {
  const count = Math.min(COLUMNS * COLUMNS, images.size(0));
  const names = (labels.toArray() as number[]).slice(0, count).map((label) => CLASSES[label]);
  const pictures = names.map((name, i) => greyImage(images.select(0, i), name));
  const rows = Array.from({ length: Math.ceil(count / COLUMNS) }, (_, r) =>
    pictures.slice(r * COLUMNS, (r + 1) * COLUMNS),
  );
  await keep("samples", imageGridFigure(rows, { title: `The first ${count} training pictures`, range: [0, 255] }));
}

export interface EpochDrawing {
  readonly shown: Tensor;
  readonly names: readonly string[];
  readonly epoch: number;
  readonly completion: Tensor;
}

function epochFigure({ shown, names, epoch, completion }: EpochDrawing): Figure {
  return imageGridFigure([greyImages(shown), completed(shown, completion)], {
    title: `Test pictures, completed after epoch ${epoch}`,
    subtitle: "Below the line every row is the network's own",
    rowNames: ["original", "completed"],
    columnNames: names,
    width: WIDTH,
    cut: HALF,
  });
}

export const drawEpoch = (keep: Keep, drawing: EpochDrawing): Promise<void> =>
  keep(`epoch-${String(drawing.epoch).padStart(2, "0")}`, epochFigure(drawing));

export interface Drawn {
  readonly results: readonly Result[];
  readonly networks: readonly { readonly hidden: number; readonly history: History }[];
  readonly shown: Tensor;
  readonly names: readonly string[];
}

export async function drawResults(
  { figure, animation }: TutorialContext,
  { results, networks, shown, names }: Drawn,
): Promise<void> {
  const [{ history }] = networks;
  await figure(
    "loss",
    lossFigure(
      { training: history.losses, validation: history.testLosses },
      {
        title: "The loss of the next row",
        yTitle: "mean squared error per pixel",
        trainingName: "training (mean over the epoch)",
        validationName: "test (after the epoch)",
        best: false,
      },
    ),
  );
  if (networks.length > 1) {
    await figure(
      "sizes",
      lineFigure(
        networks.map(({ hidden, history: { testLosses } }, i) => ({
          name: `hidden ${hidden}`,
          x: testLosses.map((_, epoch) => epoch + 1),
          y: testLosses,
          role: i === 0 ? "network" : "series",
        })),
        { title: "Two sizes of the network", xTitle: "epoch", yTitle: "test error of the next row (per pixel)" },
      ),
    );
  }
  await figure(
    "completions",
    imageGridFigure([greyImages(shown), ...results.map((result) => completed(shown, result.shown))], {
      title: "Test pictures, completed by each method",
      rowNames: ["original", ...results.map(({ name }) => name)],
      columnNames: names,
      width: WIDTH,
      cut: HALF,
    }),
  );
  await figure(
    "errors-by-row",
    lineFigure(
      results.map(({ name, byRow, isNetwork }, i) => ({
        name,
        x: byRow.map((_, row) => HALF + 1 + row),
        y: byRow,
        role: isNetwork && i === 0 ? "network" : isNetwork ? "series" : "baseline",
      })),
      {
        title: "Errors grow from row to row",
        xTitle: "row of the picture, from the top",
        yTitle: "mean squared error per pixel",
      },
    ),
  );
  const scores = (title: string, of: (result: Result) => number | null) =>
    scoreFigure(
      results.flatMap((result) => {
        const value = of(result);
        return value === null ? [] : [{ name: result.name, value, ours: result.isNetwork }];
      }),
      { title, valueTitle: "mean squared error per pixel" },
    );
  await figure(
    "scores",
    panelFigure(
      [
        scores("The next row, from true rows", ({ oneStep }) => oneStep),
        scores("The lower half, from the upper", ({ completion }) => completion),
      ],
      { title: "On test pictures", columns: 1 },
    ),
  );
  await animation(
    "completing",
    history.completions.map((completion, i) => epochFigure({ shown, names, epoch: i + 1, completion })),
    { title: "An LSTM learns to complete clothes", captions: history.losses.map((_, i) => `epoch ${i + 1}`) },
  );
}
