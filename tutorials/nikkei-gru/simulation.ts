/** Buying, holding and selling by forecasts, with a fee for every trade. */

export interface Simulation {
  /** What one unit of money has become after each day, the first for the day before the first forecast. */
  readonly value: Float64Array;
  readonly trades: number;
}

/**
 * Starts with money. Buys everything when the forecast is more than `threshold` above the last close, sells everything when it is
 * more than `threshold` below, and else holds what it has. It acts at the last close, which is as good as trading can be.
 *
 * @param last      the close at which each decision is taken
 * @param next      the close of the day after
 * @param forecast  what `next` was forecast to be
 * @param fee       a share of what is traded: 0.001 is 0.1 %
 * @param threshold a share of the last close
 */
export function simulate(
  last: Float64Array,
  next: Float64Array,
  forecast: Float64Array,
  fee: number,
  threshold: number,
): Simulation {
  const value = new Float64Array(last.length + 1).fill(1);
  let invested = false;
  let trades = 0;
  for (let day = 0; day < last.length; day++) {
    const change = forecast[day] / last[day] - 1;
    const trade = invested ? change < -threshold : change > threshold;
    let money = value[day];
    if (trade) {
      invested = !invested;
      trades++;
      money *= 1 - fee;
    }
    value[day + 1] = invested ? (money * next[day]) / last[day] : money;
  }
  return { value, trades };
}
