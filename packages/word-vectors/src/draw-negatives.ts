/** Which words stand against the true one. */
import type { Random } from "@propria/base";

/** Draws rows by count to a power: a binary search in the running sums. */
export function negativeDraw(counts: readonly number[], power: number): (random: Random) => number {
  const sums = new Float64Array(counts.length);
  let sum = 0;
  for (const [row, count] of counts.entries()) {
    sum += count ** power;
    sums[row] = sum;
  }
  return (random) => {
    const wanted = random() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
