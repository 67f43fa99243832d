/** The command `refrain`: its subcommands, and how they end. */

import {
  type ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from "@stricli/core";
import { compareCommand } from "./commands/compare.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { forecastCommand } from "./commands/forecast.ts";
import { predictCommand } from "./commands/predict.ts";
import { tutorialCommand } from "./commands/tutorial.ts";
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf, messageOf } from "./exit-code.ts";
import { VERSION } from "./version.ts";

const commands = {
  forecast: forecastCommand,
  predict: predictCommand,
  compare: compareCommand,
  tutorial: tutorialCommand,
  doctor: doctorCommand,
};

const routes = buildRouteMap({
  routes: commands,
  docs: { brief: "Recurrent networks for time series: train, judge honestly, forecast" },
});

const application = buildApplication(routes, {
  name: "refrain",
  versionInfo: { currentVersion: VERSION },
  scanner: { caseStyle: "allow-kebab-for-camel" },
  documentation: { caseStyle: "convert-camel-to-kebab", onlyRequiredInUsageLine: true },
  determineExitCode: exitCodeOf,
  localization: {
    text: {
      ...text_en,
      noCommandRegisteredForInput: (args) =>
        `refrain: ${text_en.noCommandRegisteredForInput(args)}; see refrain --help`,
      exceptionWhileRunningCommand: messageOf,
      exceptionWhileParsingArguments: (error) => `refrain: ${usageMessage(error)}; see ${helpOf(process.argv[2])}`,
    },
  },
});

/** The help that tells of the options of a command. */
const helpOf = (command = ""): string =>
  Object.hasOwn(commands, command) ? `refrain ${command} --help` : "refrain --help";

function usageMessage(error: unknown): string {
  if (error instanceof ArgumentScannerError) {
    return formatMessageForArgumentScannerError(error, { ArgumentParseError: reasonOf });
  }
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong with an option's value, in the words of its parser. */
function reasonOf(error: ArgumentParseError): string {
  return error.exception instanceof Error ? error.exception.message : String(error.exception);
}

// A reader that has enough (`refrain … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});

await run(application, process.argv.slice(2), { process: process as Context["process"] });

// The parser reports malformed arguments by negative codes.
if (typeof process.exitCode === "number" && (process.exitCode < 0 || process.exitCode > 250))
  process.exitCode = EXIT.usage;
