/** The options that single lessons declare: each is a flag of `refrain tutorial`, and refused by every other lesson. */

import { type Tutorial, type TutorialOption, tutorials } from "refrain-tutorials";
import { UsageError } from "./exit-code.ts";
import { wholeNumber } from "./number-options.ts";

/** The options of lessons by name, whichever lesson has them. */
const LESSON_OPTIONS: Readonly<Record<string, TutorialOption>> = Object.assign(
  {},
  ...tutorials.map((tutorial) => tutorial.options ?? {}),
);

export type LessonFlags = Readonly<Record<string, string | number | undefined>>;

/** Those that were given. @throws {UsageError} if the lesson has no such option */
export function ownOptions({ name, options = {} }: Tutorial, flags: LessonFlags): Record<string, string | number> {
  const given: Record<string, string | number> = {};
  for (const option of Object.keys(LESSON_OPTIONS)) {
    const value = flags[option];
    if (value === undefined) continue;
    if (!Object.hasOwn(options, option)) {
      throw new UsageError(
        `tutorial: ${name} has no --${option}; it is an option of ${lessonsWith(option).join(" and ")}`,
      );
    }
    given[option] = value;
  }
  return given;
}

/** A flag for each option that some lesson has; which they are, types cannot know. */
export const lessonFlags: Record<never, never> = Object.fromEntries(
  Object.entries(LESSON_OPTIONS).map(([option, { brief, kind }]) => {
    const parse: (text: string) => string | number = kind === "count" ? wholeNumber(option, 1) : String;
    return [
      option,
      { kind: "parsed", parse, brief: `${lessonsWith(option).join(", ")}: ${brief}`, optional: true } as const,
    ];
  }),
);

function lessonsWith(option: string): string[] {
  return tutorials.filter(({ options = {} }) => Object.hasOwn(options, option)).map(({ name }) => name);
}
