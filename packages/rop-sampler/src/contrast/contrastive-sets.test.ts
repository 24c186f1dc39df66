import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { chiSquare, criticalValue } from "../../test/chi-square.ts";
import {
  type ContrastiveSetOptions,
  contrastiveSampler,
  type RandomDistribution,
  truncatedPoisson,
  type WordWeights,
} from "../index.ts";

const letters = (i: number) => [...String(i)].map((digit) => "abcdefghij"[Number(digit)]).join("");

/** `count` words of uneven weight, and a corpus where the later ones are rarer. */
function example(count: number): { document: WordWeights; random: RandomDistribution } {
  const words = Array.from({ length: count }, (_, i) => letters(i));
  const shares = words.map((_, i) => 1 / (i + 2));
  const sum = shares.reduce((a, b) => a + b, 0);
  return {
    document: {
      words,
      weights: Float32Array.from(words, (_, i) => (1 + ((i * 7) % 11)) / (8 * count)),
      others: Float32Array.of(0.2),
    },
    random: { words, probabilities: Float64Array.from(shares, (share) => share / sum), documents: 1000 },
  };
}

const pairsOf = (options: ContrastiveSetOptions, { count = 40, seed = 1 } = {}) => {
  const { document, random } = example(count);
  const sampler = contrastiveSampler(random, options);
  return { contrast: sampler.contrast(document), pairs: sampler.pairs(document, seeded(seed, "pairs")) };
};

describe("contrastiveSampler", () => {
  it("draws words with the contrastive probabilities: chi-square of 10⁶ draws under the 99.9 % point", () => {
    const { contrast, pairs } = pairsOf({ temperature: 0.05, pairsPerDocument: 170_000, dropTies: false });
    const counts = new Map<string, number>();
    const drawn = pairs.flatMap(({ preferred, other }) => [...preferred.words, ...other.words]);
    for (const word of drawn) counts.set(word, (counts.get(word) ?? 0) + 1);
    expect(drawn.length).toBeGreaterThan(1e6);
    const { statistic, degreesOfFreedom } = chiSquare(
      contrast.words.map((word) => counts.get(word) ?? 0),
      [...contrast.probabilities],
    );
    expect(degreesOfFreedom).toBeGreaterThan(30);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it("draws without replacement one after the other from those left: chi-square of 10⁶ draws, by place", () => {
    const options = { temperature: 0.05, pairsPerDocument: 170_000, dropTies: false, replacement: false };
    const { contrast, pairs } = pairsOf(options, { count: 12 });
    const { words, probabilities } = contrast;
    const sets = pairs.flatMap(({ preferred, other }) => [preferred.words, other.words]);
    expect(sets.flat().length).toBeGreaterThan(1e6);
    for (const set of sets) if (set.length < 12) expect(new Set(set).size).toBe(set.length);

    const twoOrMore = sets.filter((set) => set.length >= 2 && set.length < 12);
    const pairsOfWords = words.flatMap((_, i) => words.map((_, j) => [i, j] as const)).filter(([i, j]) => i !== j);
    const expected = pairsOfWords.map(([i, j]) => (probabilities[i]! * probabilities[j]!) / (1 - probabilities[i]!));
    const counts = new Map<string, number>();
    for (const [a, b] of twoOrMore) counts.set(`${a} ${b}`, (counts.get(`${a} ${b}`) ?? 0) + 1);
    const { statistic, degreesOfFreedom } = chiSquare(
      pairsOfWords.map(([i, j]) => counts.get(`${words[i]} ${words[j]}`) ?? 0),
      expected,
    );
    expect(degreesOfFreedom).toBeGreaterThan(60);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it("draws with replacement after all where a set has no fewer words than the document", () => {
    const { pairs } = pairsOf({ replacement: false, minWords: 1, pairsPerDocument: 500, poissonMean: 6 }, { count: 3 });
    expect(pairs.some(({ preferred }) => preferred.words.length > 3)).toBe(true);
    for (const { preferred, other } of pairs)
      for (const { words } of [preferred, other]) if (words.length < 3) expect(new Set(words).size).toBe(words.length);
  });

  it("prefers the likelier set, and so orders by Σγ as by Σ log P: the lengths are equal", () => {
    const { contrast, pairs } = pairsOf({ pairsPerDocument: 2000 });
    const gamma = (words: string[]) =>
      words.reduce((sum, word) => sum + contrast.divergences[contrast.words.indexOf(word)]!, 0);
    expect(pairs.length).toBeGreaterThan(1500);
    for (const { preferred, other } of pairs) {
      expect(preferred.words.length).toBe(other.words.length);
      expect(preferred.logLikelihood).toBeGreaterThan(other.logLikelihood);
      expect(gamma(preferred.words)).toBeGreaterThan(gamma(other.words));
    }
  });

  it("takes lengths from the truncated Poisson: chi-square of 20,000 pairs under its 99.9th percentile", () => {
    const probabilities = [...truncatedPoisson(3)];
    const counts = probabilities.map(() => 0);
    for (const { preferred } of pairsOf({ pairsPerDocument: 20_000, dropTies: false }).pairs)
      counts[preferred.words.length - 1]!++;
    const { statistic, degreesOfFreedom } = chiSquare(counts, probabilities);
    expect(degreesOfFreedom).toBeGreaterThan(6);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it("drops ties, or keeps them with the second set preferred", () => {
    const sorted = (words: string[]) => [...words].sort().join(" ");
    const tied = { pairsPerDocument: 2000, minWords: 1, poissonMean: 1 };
    for (const { preferred, other } of pairsOf(tied, { count: 3 }).pairs)
      expect(sorted(preferred.words)).not.toBe(sorted(other.words));
    expect(pairsOf({ ...tied, dropTies: false }, { count: 3 }).pairs.length).toBe(2000);
  });

  it("gives no pairs of a document with fewer words than wanted, or none", () => {
    expect(pairsOf({}, { count: 9 }).pairs).toEqual([]);
    expect(pairsOf({}, { count: 10 }).pairs.length).toBeGreaterThan(0);
    expect(pairsOf({ minWords: 0 }, { count: 0 }).pairs).toEqual([]);
  });

  it("gives the same pairs for the same seed, and others for another", () => {
    expect(pairsOf({}).pairs).toEqual(pairsOf({}).pairs);
    expect(pairsOf({}).pairs).not.toEqual(pairsOf({}, { seed: 2 }).pairs);
  });
});
