/**
 * Where a tensor's elements lie. Opaque on purpose: only the backend of its device opens a storage, so that one on a GPU
 * can take the place of one in memory without a line changing above.
 */
export interface Storage {
  readonly device: string;
  readonly byteLength: number;
  /** Counts the writes in place; autograd compares it to find out that a saved tensor was overwritten. */
  version: number;
}
