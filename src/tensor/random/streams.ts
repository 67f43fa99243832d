/** A random stream by the name that Python gives it: `random.numpy(0)` is `np.random.RandomState(0)`. */

import { NumpyRandom } from "./numpy-random.ts";

/** NumPy's legacy generator with a stream of its own. @param seed as for NumpyRandom; by default one that nobody can foresee */
export const numpy = (seed?: number | readonly number[]): NumpyRandom => new NumpyRandom(seed);
