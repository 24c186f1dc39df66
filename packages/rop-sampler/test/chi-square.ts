/** Pearson's statistic of counts against probabilities; cells that expect fewer than 5 are joined to the last. */
export function chiSquare(counts: readonly number[], probabilities: readonly number[]) {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let cells = 0;
  let restCount = 0;
  let restExpected = 0;
  counts.forEach((count, i) => {
    const expected = draws * probabilities[i]!;
    if (expected < 5) {
      restCount += count;
      restExpected += expected;
      return;
    }
    statistic += (count - expected) ** 2 / expected;
    cells++;
  });
  if (restExpected > 0) {
    statistic += (restCount - restExpected) ** 2 / restExpected;
    cells++;
  }
  return { statistic, degreesOfFreedom: cells - 1 };
}

/** The 99.9 % point of chi-square, by Wilson and Hilferty's approximation (within 1 % from 3 degrees of freedom on). */
export function criticalValue(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}
