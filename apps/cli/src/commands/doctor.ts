/** `refrain doctor`: what Refrain runs on here, and why something faster does not load. */

import { buildCommand } from "@stricli/core";
import { backendReport, getNumThreads } from "refrain";
import type { Context } from "../context.ts";
import { VERSION } from "../version.ts";

function run(this: Context, flags: { json: boolean }): void {
  const { stdout } = this.process;
  const backends = backendReport();
  const host = { node: process.versions.node, platform: process.platform, arch: process.arch };
  if (flags.json) {
    stdout.write(
      `${JSON.stringify({ schemaVersion: 1, version: VERSION, ...host, threads: getNumThreads(), backends })}\n`,
    );
    return;
  }
  stdout.write(
    `refrain ${VERSION}, Node ${host.node} on ${host.platform}-${host.arch}, ${getNumThreads()} thread${getNumThreads() === 1 ? "" : "s"}\n`,
  );
  for (const { name, available, text, inUse } of backends) {
    stdout.write(`${inUse ? "→" : " "} ${name.padEnd(9)}  ${available ? text : `not available: ${text}`}\n`);
  }
}

export const doctorCommand = buildCommand({
  func: run,
  docs: { brief: "Show version, backend, instruction set and threads" },
  parameters: {
    flags: { json: { kind: "boolean", brief: "print one JSON object", default: false, withNegated: false } },
  },
});
