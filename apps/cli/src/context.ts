/** What commands see of the process. */

import type { CommandContext } from "@stricli/core";

export interface Context extends CommandContext {
  readonly process: CommandContext["process"] & {
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
  };
}
