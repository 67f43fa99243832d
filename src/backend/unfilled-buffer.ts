/** Memory as it comes: an output is written in full, and to fill it with zeros first takes a few per cent of a small net's step. */

interface NodeBuffer {
  allocUnsafeSlow(byteLength: number): { readonly buffer: ArrayBuffer };
}

const { Buffer: ofNode } = globalThis as { Buffer?: NodeBuffer };

/** A buffer of its own whose contents are undefined; zeros where there is no Node to ask. */
export const unfilledBuffer = (byteLength: number): ArrayBuffer =>
  ofNode === undefined ? new ArrayBuffer(byteLength) : ofNode.allocUnsafeSlow(byteLength).buffer;
