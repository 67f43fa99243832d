/** `out [M, N] = a [M, K] · b [K, N] (+ bias [N])`, sums in double precision, every dtype. */

import type { View } from "../backend.ts";
import { elementsOf, numbersOf } from "../cpu-storage.ts";

export function matmul(a: View, b: View, out: View, bias: View | null, accumulate: boolean): void {
  if (out.dtype === "int64" || out.dtype === "int32") {
    matmulWhole(a, b, out, accumulate);
    return;
  }
  const [M, K] = a.shape;
  const N = b.shape[1];
  const p = numbersOf(a);
  const q = numbersOf(b);
  const to = numbersOf(out);
  const add = bias === null ? null : numbersOf(bias);
  const [am, ak] = a.strides;
  const [bk, bn] = b.strides;
  const [om, on] = out.strides;
  // Row by row in the order in which b lies: along its rows for [K, N], along its columns for a transposed [N, K].
  const row = new Float64Array(N);
  for (let m = 0; m < M; m++) {
    const a0 = a.offset + m * am;
    if (bn === 1 && N > 1) {
      row.fill(0);
      for (let k = 0; k < K; k++) {
        const scale = p[a0 + k * ak];
        const b0 = b.offset + k * bk;
        for (let n = 0; n < N; n++) row[n] += scale * q[b0 + n];
      }
    } else {
      for (let n = 0; n < N; n++) {
        const b0 = b.offset + n * bn;
        let sum = 0;
        for (let k = 0; k < K; k++) sum += p[a0 + k * ak] * q[b0 + k * bk];
        row[n] = sum;
      }
    }
    const o0 = out.offset + m * om;
    for (let n = 0; n < N; n++) {
      let sum = row[n];
      if (add !== null && bias !== null) sum += add[bias.offset + n * bias.strides[0]];
      to[o0 + n * on] = accumulate ? to[o0 + n * on] + sum : sum;
    }
  }
}

/** Products of int32, too, need more bits than a double has. */
function matmulWhole(a: View, b: View, out: View, accumulate: boolean): void {
  const [M, K] = a.shape;
  const N = b.shape[1];
  const p = elementsOf(a);
  const q = elementsOf(b);
  const to = elementsOf(out);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      const at = out.offset + m * out.strides[0] + n * out.strides[1];
      let sum = accumulate ? BigInt(to[at]) : 0n;
      for (let k = 0; k < K; k++) {
        const left = p[a.offset + m * a.strides[0] + k * a.strides[1]];
        const right = q[b.offset + k * b.strides[0] + n * b.strides[1]];
        sum += BigInt(left) * BigInt(right);
      }
      to[at] = (out.dtype === "int64" ? sum : Number(BigInt.asIntN(32, sum))) as never;
    }
  }
}
