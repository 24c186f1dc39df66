import type { Random } from "@propria/base";

/**
 * A number drawn from Beta(`alpha`, `beta`), in [0, 1]: X / (X + Y) of two Gammas.
 *
 * @param alpha, beta  Positive; the mean is alpha / (alpha + beta).
 */
export function betaSample(alpha: number, beta: number, random: Random): number {
  const x = gammaSample(alpha, random);
  const y = gammaSample(beta, random);
  return x + y > 0 ? x / (x + y) : 0.5; // both underflow for shapes near 0 alone
}

/**
 * A number drawn from Gamma(`shape`, 1), by Marsaglia and Tsang's rejection; for a shape below 1 from Gamma(shape + 1, 1) · U^(1/shape).
 *
 * @see Marsaglia & Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3), 2000.
 */
export function gammaSample(shape: number, random: Random): number {
  if (shape < 1) return gammaSample(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A standard normal, by Box and Muller. */
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
