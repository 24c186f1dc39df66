import type { Random } from "@propria/base";

/** Probability left beyond the longest length that is drawn. */
const TAIL = 1e-15;

/**
 * The probabilities of the lengths 1, 2, … under a Poisson of mean λ given that it is not 0: `λˣ e^−λ / x! / (1 − e^−λ)`.
 *
 * Its mean is λ / (1 − e^−λ): 3.1572 for λ = 3.
 *
 * @param lambda In (0, 100]; the paper's λ.
 * @returns      Entry `i` is the probability of `i + 1`; they sum to 1 within 1e-14.
 */
export function truncatedPoisson(lambda: number): Float64Array {
  const probabilities: number[] = [];
  let probability = (lambda * Math.exp(-lambda)) / -Math.expm1(-lambda); // of 1
  for (let x = 1; x <= lambda || probability > TAIL; x++) {
    probabilities.push(probability);
    probability *= lambda / (x + 1);
  }
  return Float64Array.from(probabilities);
}

/** Draws an index of `cumulative` (rising, its last entry the total) with the probability of its step. */
export function drawIndex(cumulative: Float64Array, length: number, random: Random): number {
  const mark = random() * cumulative[length - 1]!;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > mark) high = middle;
    else low = middle + 1;
  }
  return low;
}
