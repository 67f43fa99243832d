/**
 * A step along a direction that satisfies the strong Wolfe conditions: the loss has fallen enough, the slope has flattened
 * enough.
 *
 *   f(t) ≤ f(0) + c₁ t f′(0),   |f′(t)| ≤ c₂ |f′(0)|
 *
 * First the step grows until a bracket is found in which such a point must lie, then the bracket shrinks around it; new
 * points are minima of cubics through two old ones. Nocedal & Wright 2006, algorithms 3.5 and 3.6; limits and safeguards
 * are PyTorch's, after Schmidt's minFunc.
 */

import type { Tensor } from "../tensor/tensor.ts";

/** The function at step `t`. */
export interface LinePoint {
  readonly t: number;
  readonly loss: number;
  readonly gradient: Tensor;
  /** f′(t), the gradient along the direction. */
  readonly slope: number;
}

const C1 = 1e-4;
const C2 = 0.9;
const LEAST_BRACKET = 1e-9;

/**
 * @param evaluate the function at a step
 * @param start    the function at 0
 * @param firstStep where to look first
 * @param reach    the largest element of the direction, to tell when a bracket is too small to matter
 * @param limit    how many points to look at after the first
 */
export function strongWolfe(
  evaluate: (t: number) => LinePoint,
  start: LinePoint,
  firstStep: number,
  reach: number,
  limit: number,
): { point: LinePoint; evaluations: number } {
  const falls = ({ t, loss }: LinePoint) => loss <= start.loss + C1 * t * start.slope;
  const isFlat = ({ slope }: LinePoint) => Math.abs(slope) <= -C2 * start.slope;

  let previous = start;
  let current = evaluate(firstStep);
  let rounds = 0;
  let bracket: [LinePoint, LinePoint] = [start, current];
  for (; rounds < limit; rounds++) {
    bracket = [previous, current];
    if (!falls(current) || (rounds > 1 && current.loss >= previous.loss)) break;
    if (isFlat(current)) return { point: current, evaluations: rounds + 1 };
    if (current.slope >= 0) break;
    const least = current.t + 0.01 * (current.t - previous.t);
    const t = cubicMinimum(previous, current, least, current.t * 10);
    previous = current;
    current = evaluate(t);
  }
  if (rounds === limit) bracket = [start, current];

  const lowest = () => (bracket[0].loss <= bracket[1].loss ? 0 : 1);
  let low: 0 | 1 = lowest();
  let stuck = false;
  while (rounds < limit) {
    const [left, right] = bracket[0].t <= bracket[1].t ? bracket : [bracket[1], bracket[0]];
    if ((right.t - left.t) * reach < LEAST_BRACKET) break;
    let t = cubicMinimum(bracket[0], bracket[1], left.t, right.t);
    // Twice near the same end, or beyond it: leave the end by a tenth of the bracket.
    const margin = 0.1 * (right.t - left.t);
    if (Math.min(right.t - t, t - left.t) < margin) {
      if (stuck || t >= right.t || t <= left.t) {
        t = Math.abs(t - right.t) < Math.abs(t - left.t) ? right.t - margin : left.t + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    const point = evaluate(t);
    rounds++;
    const high = low === 0 ? 1 : 0;
    if (!falls(point) || point.loss >= bracket[low].loss) {
      bracket[high] = point;
      low = lowest();
      continue;
    }
    const flat = isFlat(point);
    if (!flat && point.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
    bracket[low] = point;
    if (flat) break;
  }
  return { point: bracket[low], evaluations: rounds + 1 };
}

/** The minimum of the cubic through two points with their slopes, within bounds; their middle where there is none. */
function cubicMinimum(a: LinePoint, b: LinePoint, least: number, most: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t);
  const square = d1 * d1 - left.slope * right.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(t, least), most);
}
