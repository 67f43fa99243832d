/** The lessons by name. */

import type { Tutorial } from "./tutorial.ts";

export { DataSource, MissingData } from "./data-source.ts";
export type { Tutorial, TutorialContext, TutorialMetrics, TutorialOption, TutorialProgram } from "./tutorial.ts";

export const tutorials: readonly Tutorial[] = [
  {
    name: "noisy-sine",
    summary: "an RNN forecasts a noisy sine, one step ahead and 200 steps on its own",
    load: () => import("./noisy-sine/program.ts"),
  },
  {
    name: "sine-lstm",
    summary: "an LSTM learns a clean sine from 450 windows at once, time first",
    load: () => import("./sine-lstm/program.ts"),
  },
  {
    name: "shapes",
    summary: "what a recurrent layer takes and gives, shape by shape; then hell → o",
    load: () => import("./shapes/program.ts"),
  },
  {
    name: "learning-a-sine",
    summary: "an RNN becomes a noisy sine, seen every ten epochs",
    load: () => import("./learning-a-sine/program.ts"),
  },
  {
    name: "sine-to-cosine",
    summary: "an LSTM turns a sine into its cosine, with a state that is carried on",
    load: () => import("./sine-to-cosine/program.ts"),
  },
  {
    name: "stock-window",
    summary: "seven days of prices foretell the next close, as usual and without a leak",
    load: () => import("./stock-window/program.ts"),
  },
  {
    name: "fashion-completion",
    summary: "an LSTM reads pictures of clothes row by row and completes their lower half",
    options: {
      images: { brief: "training pictures, of 60,000 (3000)", kind: "count" },
      epochs: { brief: "passes over them (3)", kind: "count" },
      hidden: { brief: "units of the network (400)", kind: "count" },
      against: { brief: "units of a second network beside it (256; none with --hidden)", kind: "count" },
      checkpoints: { brief: "folder to keep the training in and to go on from (none)", kind: "text" },
    },
    load: () => import("./fashion-completion/program.ts"),
  },
  {
    name: "nikkei-gru",
    summary: "a GRU on daily prices: raw levels fail, changes equal naive, and trading on them",
    options: {
      from: {
        kind: "text",
        brief: "an address of paged HTML tables of prices to read instead, with {page} where the page's number goes",
      },
    },
    load: () => import("./nikkei-gru/program.ts"),
  },
  {
    name: "compare-cells",
    summary: "RNN, LSTM and GRU on prices and sunspots, and which differences are real",
    load: () => import("./compare-cells/program.ts"),
  },
  {
    name: "memory",
    summary: "what a memory is good for, a GRU against a fully connected net, and why memory fades",
    load: () => import("./memory/program.ts"),
  },
];

export const findTutorial = (name: string): Tutorial | undefined =>
  tutorials.find((tutorial) => tutorial.name === name);
