/** The backends that this machine can use: laws and conformance tests run over all of them. */

import { type BackendName, backendReport } from "../../src/backend/select.ts";

export const backendsUnderTest: readonly BackendName[] = backendReport()
  .filter(({ available }) => available)
  .map(({ name }) => name);
