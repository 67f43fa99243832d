/** `refrain tutorial NAME`: runs one of the lessons; `--list` names them. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommand } from "@stricli/core";
import { DataSource, findTutorial, type TutorialMetrics, tutorials } from "refrain-tutorials";
import type { Context } from "../context.ts";
import { DataError, EXIT, UsageError } from "../exit-code.ts";
import { type LessonFlags, lessonFlags, ownOptions } from "../lesson-options.ts";
import { wholeNumber } from "../number-options.ts";
import { OutputFolder } from "../output-folder.ts";

interface Flags {
  readonly list: boolean;
  readonly quick: boolean;
  readonly out?: string;
  readonly seed?: number;
  readonly data?: string;
  readonly json: boolean;
}

/** The files that come with the command; the path is that of the built file in dist/. */
const BUNDLED_DATA = fileURLToPath(new URL("../data", import.meta.url));

async function run(this: Context, flags: Flags, name?: string): Promise<void> {
  const { stdout, stderr } = this.process;
  if (flags.list) {
    const width = Math.max(...tutorials.map((each) => each.name.length));
    for (const each of tutorials) stdout.write(`${each.name.padEnd(width)}  ${each.summary}\n`);
    return;
  }
  const names = tutorials.map((each) => each.name).join(", ");
  if (name === undefined) throw new UsageError(`tutorial: name a lesson (${names}), or ask for --list`);
  const tutorial = findTutorial(name);
  if (tutorial === undefined) throw new UsageError(`tutorial: there is no lesson "${name}"; there are ${names}`);
  const options = ownOptions(tutorial, flags as unknown as LessonFlags);

  const out = flags.out ?? `${name}-tutorial`;
  const folder = await OutputFolder.open(out);
  // From the first file on there is something to clear away. Until then Ctrl-C is left to the system: it ends even a lesson
  // that never lets go of the thread.
  const stop = () => process.exit(EXIT.interrupted);
  const keep = (file: string, content: string | Uint8Array) => {
    if (!process.listeners("SIGINT").includes(stop)) process.on("SIGINT", stop);
    return folder.write(file, content);
  };
  let metrics: TutorialMetrics;
  try {
    const { renderAnimation, renderPng, renderSvg } = await import("refrain-render");
    metrics = await (await tutorial.load()).run({
      quick: flags.quick,
      seed: flags.seed ?? null,
      options,
      data: new DataSource(
        [flags.data, process.env.REFRAIN_DATA, BUNDLED_DATA].filter((folder): folder is string => Boolean(folder)),
      ),
      print: (line) => {
        (flags.json ? stderr : stdout).write(`${line}\n`);
      },
      file: keep,
      figure: async (file, figure) => {
        await keep(`${file}.json`, `${JSON.stringify(figure.spec, null, 2)}\n`);
        await keep(`${file}.svg`, await renderSvg(figure));
        await keep(`${file}.png`, await renderPng(figure));
      },
      animation: async (file, frames, text) => {
        await keep(`${file}.html`, await renderAnimation(frames, text));
      },
    });
    await keep("metrics.json", `${JSON.stringify(metrics, null, 2)}\n`);
    await folder.publish();
  } catch (error) {
    folder.discard();
    throw error;
  } finally {
    process.off("SIGINT", stop);
  }
  if (flags.json) stdout.write(`${JSON.stringify(metrics)}\n`);
  else stdout.write(`\nFigures and metrics.json: ${join(out, "")}\n`);
  if (metrics.reached === false) throw new DataError(`${name} did not reach its mark: ${metrics.mark}`);
}

export const tutorialCommand = buildCommand({
  func: run,
  docs: {
    customUsage: ["[options] <NAME>", "--list"],
    brief: "Run one of the lessons that people learn recurrent networks from",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "the lesson", parse: String, placeholder: "NAME", optional: true }],
    },
    flags: {
      list: { kind: "boolean", brief: "name the lessons", default: false, withNegated: false },
      quick: { kind: "boolean", brief: "a shorter run, in seconds", default: false, withNegated: false },
      out: {
        kind: "parsed",
        parse: String,
        brief: "folder for figures and metrics.json (NAME-tutorial)",
        optional: true,
      },
      seed: { kind: "parsed", parse: wholeNumber("seed", 0), brief: "another seed than the lesson's", optional: true },
      data: {
        kind: "parsed",
        parse: String,
        brief: "folder with the lesson's data ($REFRAIN_DATA, then the files that come with this)",
        optional: true,
      },
      json: {
        kind: "boolean",
        brief: "print one JSON object on stdout, the lesson's lines on stderr",
        default: false,
        withNegated: false,
      },
      ...lessonFlags,
    },
  },
});
