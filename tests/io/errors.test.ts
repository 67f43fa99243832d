/** What a loader or saver cannot take is refused in a sentence with the cure. */
import { nn } from "refrain";
import { loadCheckpoint, loadPyTorch, loadSafetensors, saveSafetensors } from "refrain/io";
import { describe, expect, it } from "vitest";

describe.each(Object.entries({ loadSafetensors, loadPyTorch, loadCheckpoint }))("%s", (name, load) => {
  it("asks for bytes, not for a file's name or a buffer", () => {
    const given = load as (bytes: unknown) => unknown;
    expect(() => given("m.pt")).toThrow(`${name}: bytes must be a Uint8Array, got string; this library opens no files`);
    expect(() => given(new ArrayBuffer(8))).toThrow(`${name}: bytes must be a Uint8Array, got ArrayBuffer; pass what`);
    expect(() => given(undefined)).toThrow(`${name}: bytes must be a Uint8Array, got undefined`);
  });
});

describe("a model in place of its state", () => {
  const model = new nn.Linear(2, 1);

  it("is refused with the call that was meant", () => {
    expect(() => saveSafetensors(model as never)).toThrow(/did you mean model\.stateDict\(\)\?/);
  });

  it("and what loadSafetensors gives is not the state itself", () => {
    const loaded = loadSafetensors(saveSafetensors(model.stateDict()));
    expect(() => model.loadStateDict(loaded as never)).toThrow(
      /unexpected: state, metadata\); did you mean .*\.state\?$/,
    );
    expect(model.loadStateDict(loaded.state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
  });
});
