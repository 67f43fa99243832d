/**
 * The WASM module as part of the code, for bundlers that cannot carry the `.wasm` file beside it and for pages that may not fetch:
 *
 *   import { inlinedWasm } from "refrain/inlined-wasm";
 *   setBackend("wasm", { bytes: inlinedWasm() }); // at once, nothing is fetched
 */

import { SIMD128_BASE64 } from "./backend/wasm/simd128-base64.ts";

/** The bytes of the simd128 build. */
export const inlinedWasm = (): Uint8Array => Uint8Array.from(atob(SIMD128_BASE64), (letter) => letter.charCodeAt(0));
