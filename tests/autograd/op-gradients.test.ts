/** The gradient of every op in the table is that of its own forward; `op-samples.ts` has the functions and inputs. */

import { gradcheck, gradgradcheck, type Tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { opTable } from "../../src/autograd/define-op.ts";
import { type Node, OpNode } from "../../src/autograd/node.ts";
import { opSamples } from "./op-samples.ts";
import { recurrentSamples } from "./recurrent-samples.ts";

const samplesOf = (name: string) => (name === "recurrent" ? recurrentSamples : (opSamples[name] ?? []));

/** The names of all ops that made these tensors. */
function opsBehind(outputs: Tensor | readonly Tensor[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<Node>();
  const visit = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node instanceof OpNode) names.add(node.name);
    for (const edge of node.inputs) if (edge !== null) visit(edge.node);
  };
  for (const output of [outputs].flat() as Tensor[]) if (output.source !== null) visit(output.source as Node);
  return names;
}

describe("the gradient is that of its own forward", () => {
  for (const [name, { fused }] of opTable as unknown as Map<string, { fused?: boolean }>) {
    describe(name, () => {
      it("has samples", () => {
        expect(samplesOf(name).length, `add samples for "${name}" to tests/autograd/op-samples.ts`).toBeGreaterThan(0);
      });
      for (const { what, f, inputs, eps } of samplesOf(name)) {
        it(what, () => {
          const node = `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
          expect(opsBehind(f(...inputs)), "the sample does not run through the op").toContain(node);
          expect(gradcheck(f, inputs, eps === undefined ? {} : { eps })).toBe(true);
          if (fused !== true) expect(gradgradcheck(f, inputs, eps === undefined ? {} : { eps })).toBe(true);
        });
      }
    });
  }

  it("there are no samples for ops that are gone", () => {
    expect(Object.keys(opSamples).filter((name) => !opTable.has(name))).toEqual([]);
  });
});
