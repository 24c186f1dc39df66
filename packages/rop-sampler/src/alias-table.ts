import type { Random } from "@propria/base";

/**
 * Draws from a fixed distribution in constant time: two random numbers a draw, whatever the number of outcomes.
 *
 * @param weights Not negative, at least one above 0; need not sum to 1.
 * @returns       A function from a stream to an outcome's number, with probability `weights[i] / Σ weights`.
 * @see Walker, "An Efficient Method for Generating Discrete Random Variables with General Distributions", TOMS 1977;
 *      the table is built as in Vose, 1991.
 */
export function aliasTable(weights: Float64Array): (random: Random) => number {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw new Error("an alias table of no weight");
  const share = Float64Array.from(weights, (weight) => (weight * count) / total);
  const alias = Int32Array.from({ length: count }, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < count; i++) (share[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!;
    const more = large[large.length - 1]!;
    alias[less] = more;
    share[more] = share[more]! - (1 - share[less]!);
    if (share[more]! < 1) small.push(large.pop()!);
  }
  // What is left over is 1 but for rounding, above all for an outcome of weight 0.
  for (const i of [...small, ...large]) share[i] = weights[i]! > 0 ? 1 : 0;
  return (random) => {
    const column = random.int(count);
    return random() < share[column]! ? column : alias[column]!;
  };
}
