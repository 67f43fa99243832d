/** What a lesson is to those who run it. */

import type { Figure } from "refrain/figure";
import type { DataSource } from "./data-source.ts";

/** An option that one lesson has and the others refuse. */
export interface TutorialOption {
  /** For the help: what it does, and what happens without it. */
  readonly brief: string;
  /** `count` is a whole number above 0. */
  readonly kind: "text" | "count";
}

/** What a lesson is given. */
export interface TutorialContext {
  /** Run in seconds, for tests; the mark then does not apply where the full run is needed for it. */
  readonly quick: boolean;
  /** Another seed than the lesson's, or null. */
  readonly seed: number | null;
  /** The lesson's own options, as far as they were given. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Where files of data are found. */
  readonly data: DataSource;
  /** Prints one line of the lesson. */
  readonly print: (line: string) => void;
  /** Keeps a file of the lesson's own. */
  readonly file: (name: string, content: string | Uint8Array) => Promise<void>;
  /** Keeps a figure under a file name without ending. */
  readonly figure: (file: string, figure: Figure) => Promise<void>;
  /** Keeps an animation, one file that plays in a browser, under a file name without ending. Frames have the same axes. */
  readonly animation: (file: string, frames: readonly Figure[], options: AnimationText) => Promise<void>;
}

export interface AnimationText {
  /** Above the animation. */
  readonly title: string;
  /** One per frame, beside the slider. */
  readonly captions: readonly string[];
}

/** What a lesson ends with: its mark, whether it was reached, and its figures. */
export interface TutorialMetrics {
  readonly tutorial: string;
  /** In words: what has to be reached. */
  readonly mark: string;
  /** null if the mark does not apply: it holds for the lesson's own file, and another was read. */
  readonly reached: boolean | null;
  readonly [figure: string]: unknown;
}

export interface TutorialProgram {
  run(context: TutorialContext): Promise<TutorialMetrics>;
}

export interface Tutorial {
  readonly name: string;
  /** A line for the list. */
  readonly summary: string;
  /** The lesson's own options by name; none by default. */
  readonly options?: Readonly<Record<string, TutorialOption>>;
  /** Programs are loaded when they are run. */
  readonly load: () => Promise<TutorialProgram>;
}
