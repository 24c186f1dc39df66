import { seeded } from "@propria/base";
import { stopWordList } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { chiSquare, criticalValue } from "../test/chi-square.ts";
import { D1, toyStatistics } from "../test/toy.ts";
import {
  documentModels,
  keepProbabilities,
  type Support,
  truncatedPoisson,
  type WordSetOptions,
  wordCounter,
  wordSetSampler,
} from "./index.ts";
import { drawIndex } from "./truncated-poisson.ts";

const statistics = toyStatistics();
const plain: WordSetOptions = { subsampleThreshold: 0 };
const pairsOf = (options: WordSetOptions, text = D1, seed = 1) =>
  wordSetSampler(statistics, options).pairs(text, seeded(seed, "pairs"));

const letters = (i: number) => [...String(i)].map((digit) => "abcdefghij"[Number(digit)]).join("");

/** 2000 words, word i in a share 1/(i+1) of 300 documents: a corpus with frequent and rare words. */
function zipfStatistics(options: { stem?: boolean } = {}) {
  const counter = wordCounter({ minCollectionFrequency: 2, stopWords: new Set(), ...options });
  const random = seeded(9, "corpus");
  for (let d = 0; d < 300; d++)
    counter.add(Array.from({ length: 200 }, () => letters(Math.floor(2000 ** random()))).join(" "));
  return counter.finish();
}
const longDocument = Array.from({ length: 400 }, (_, i) => letters(1 + ((i * i) % 700))).join(" ");

describe("wordSetSampler", () => {
  it("prefers the likelier set: apple banana (−2.8134) before cherry egg (−4.1997)", () => {
    const pairs = pairsOf({ ...plain, pairsPerDocument: 3000 });
    const likelihood = new Map(
      pairs
        .flatMap(({ preferred, other }) => [preferred, other])
        .map((set) => [[...set.words].sort().join(" "), set.logLikelihood]),
    );
    expect(likelihood.get("apple banana")).toBeCloseTo(-2.8134, 4);
    expect(likelihood.get("cherry egg")).toBeCloseTo(-4.1997, 4);
    for (const { preferred, other } of pairs) expect(preferred.logLikelihood).toBeGreaterThan(other.logLikelihood);
  });

  it("scores with the whole vocabulary's model: the label survives any constant factor", () => {
    const model = documentModels(statistics)(D1);
    for (const { preferred, other } of pairsOf({ ...plain, pairsPerDocument: 200 })) {
      const score = (words: string[]) =>
        words.reduce((sum, word) => sum + Math.log(7 * model.probability(statistics.words.indexOf(word))), 0);
      expect(score(preferred.words)).toBeGreaterThan(score(other.words));
    }
  });

  it("gives both sets of a pair one length, from the truncated Poisson", () => {
    const pairs = pairsOf({ ...plain, pairsPerDocument: 20_000, dropTies: false });
    for (const { preferred, other } of pairs) expect(preferred.words.length).toBe(other.words.length);
    const mean = pairs.reduce((sum, { preferred }) => sum + preferred.words.length, 0) / pairs.length;
    expect(Math.abs(mean - 3.1572)).toBeLessThan(0.05); // five standard errors
  });

  it("drops ties, also those that differ in order alone, or keeps them with the second set preferred", () => {
    const sorted = (words: string[]) => [...words].sort().join(" ");
    const dropped = pairsOf({ ...plain, pairsPerDocument: 2000 });
    for (const { preferred, other } of dropped) expect(sorted(preferred.words)).not.toBe(sorted(other.words));
    const kept = pairsOf({ ...plain, pairsPerDocument: 2000, dropTies: false });
    expect(kept.length).toBe(2000);
    expect(dropped.length).toBeLessThan(2000);
    expect(kept.some(({ preferred, other }) => sorted(preferred.words) === sorted(other.words))).toBe(true);
  });

  it("prefers the second set of a tie that is kept", () => {
    const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set() });
    counter.add("alpha beta");
    const sampler = wordSetSampler(counter.finish(), { ...plain, pairsPerDocument: 300, dropTies: false });
    const pairs = sampler.pairs("alpha beta", seeded(6, "ties")); // two words, equally likely: every pair is a tie

    const random = seeded(6, "ties");
    const { cumulative } = sampler.support("alpha beta", random)!;
    let sum = 0;
    const lengths = truncatedPoisson(3).map((probability) => (sum += probability));
    const draw = (length: number) =>
      Array.from({ length }, () => ["alpha", "beta"][drawIndex(cumulative, cumulative.length, random)]);
    for (const { preferred, other } of pairs) {
      const length = 1 + drawIndex(lengths, lengths.length, random);
      const [first, second] = [draw(length), draw(length)];
      expect([preferred.words, other.words]).toEqual([second, first]);
    }
  });

  it("scores by P(w|θ_D) of the whole vocabulary where only a part of it is drawn from, sub-sampled", () => {
    const corpus = zipfStatistics();
    const { probability } = documentModels(corpus)(longDocument);
    for (const { preferred, other } of wordSetSampler(corpus, { supportWords: 10 }).pairs(longDocument, seeded(8)))
      for (const { words, logLikelihood } of [preferred, other]) {
        const expected = words.reduce((sum, word) => sum + Math.log(probability(corpus.words.indexOf(word))), 0);
        expect(logLikelihood).toBeCloseTo(expected, 10);
      }
  });

  /** The words of 10⁶ draws and more against the weights that they should have: chi-square and its 99.9 % point. */
  const drawsAgainst = (
    sampling: NonNullable<WordSetOptions["sampling"]>,
    weightOf: (word: number, support: Support) => number,
  ) => {
    const sampler = wordSetSampler(corpus, { sampling, pairsPerDocument: 17_000, poissonMean: 30, dropTies: false });
    const support = sampler.support(longDocument, seeded(4, "draws"))!;
    const counts = new Map<string, number>();
    let draws = 0;
    for (const { preferred, other } of sampler.pairs(longDocument, seeded(4, "draws")))
      for (const word of [...preferred.words, ...other.words]) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
        draws++;
      }
    expect(draws).toBeGreaterThan(1e6);
    const weights = [...support.words].map((word) => weightOf(word, support));
    const total = weights.reduce((a, b) => a + b, 0);
    const found = chiSquare(
      [...support.words].map((word) => counts.get(corpus.words[word]!) ?? 0),
      weights.map((weight) => weight / total),
    );
    expect([...counts.values()].reduce((a, b) => a + b, 0)).toBe(draws);
    expect(found.degreesOfFreedom).toBeGreaterThan(80);
    return { ...found, support };
  };
  const corpus = zipfStatistics();
  const keep = keepProbabilities(corpus, 1e-4);

  it.each(["documentModel", "randomLabel"] as const)(
    "draws words as the model says, with %s: chi-square of 10⁶ draws under its 99.9th percentile",
    (sampling) => {
      const { statistic, degreesOfFreedom } = drawsAgainst(
        sampling,
        (word, { model }) => model.probability(word) * keep[word]!,
      );
      expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
    },
  );

  it("draws every word of the support alike with uniformSupport: chi-square of 10⁶ draws under its 99.9th percentile", () => {
    const { statistic, degreesOfFreedom, support } = drawsAgainst("uniformSupport", () => 1);
    expect(support.words.length).toBeGreaterThan(support.model.counts.size);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it("draws every distinct word of the document alike with uniformDocument: likewise", () => {
    const { statistic, degreesOfFreedom, support } = drawsAgainst("uniformDocument", () => 1);
    expect(new Set(support.words)).toEqual(new Set(support.model.counts.keys()));
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it.each(["uniformSupport", "uniformDocument"] as const)("prefers the likelier set with %s too", (sampling) => {
    const pairs = wordSetSampler(corpus, { sampling, pairsPerDocument: 2000 }).pairs(longDocument, seeded(3));
    expect(pairs.length).toBeGreaterThan(1000);
    for (const { preferred, other } of pairs) expect(preferred.logLikelihood).toBeGreaterThan(other.logLikelihood);
  });

  it("tosses a coin with randomLabel: of the same sets, the likelier is preferred half the time", () => {
    const pairs = wordSetSampler(corpus, { sampling: "randomLabel", pairsPerDocument: 5000 }).pairs(
      longDocument,
      seeded(3),
    );
    const likelier = pairs.filter(({ preferred, other }) => preferred.logLikelihood > other.logLikelihood).length;
    expect(Math.abs(likelier / pairs.length - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / pairs.length));
    for (const { preferred, other } of pairs) expect(preferred.logLikelihood).not.toBe(other.logLikelihood);
  });

  it("gives lengths of the truncated Poisson: chi-square of 30,000 pairs under its 99.9th percentile", () => {
    const probabilities = [...truncatedPoisson(3)];
    const counts = probabilities.map(() => 0);
    for (const { preferred } of pairsOf({ ...plain, pairsPerDocument: 30_000, dropTies: false }))
      counts[preferred.words.length - 1]!++;
    const { statistic, degreesOfFreedom } = chiSquare(counts, probabilities);
    expect(degreesOfFreedom).toBeGreaterThan(6);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });

  it("drops ties of words that an unsmoothed document lacks", () => {
    const pairs = pairsOf({ ...plain, sampling: "uniformSupport", mu: 0, pairsPerDocument: 2000 });
    expect(pairs.length).toBeGreaterThan(0);
    for (const { preferred, other } of pairs) expect(preferred.logLikelihood).toBeGreaterThan(other.logLikelihood);
  });

  it("supports the document's words and fills up to K with the corpus', merged", () => {
    const corpus = zipfStatistics();
    const own = documentModels(corpus)(longDocument).counts.size;
    const { words } = wordSetSampler(corpus).support(longDocument, seeded(1))!;
    expect(new Set(words).size).toBe(words.length);
    expect(words.length).toBeGreaterThan(own);
    expect(words.length).toBeLessThanOrEqual(500);
    const crowded = wordSetSampler(corpus, { supportWords: 50, backgroundWords: 20 }).support(longDocument, seeded(1))!;
    expect(crowded.words.length).toBeGreaterThan(own);
    expect(crowded.words.length).toBeLessThanOrEqual(own + 20);
  });

  it("draws no stop word, no digit, and nothing that the corpus lacks", () => {
    const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set(["the", "of"]) });
    counter.add("the art of 42 wars");
    const sampler = wordSetSampler(counter.finish(), { pairsPerDocument: 500, dropTies: false });
    const drawn = new Set(
      sampler
        .pairs("the the unseen art of 42 wars", seeded(1))
        .flatMap(({ preferred, other }) => [...preferred.words, ...other.words]),
    );
    expect([...drawn].sort()).toEqual(["art", "wars"]);
  });

  it("draws Chinese words: whole ones, no stop word, no digit, the likelier set preferred", () => {
    const texts = [
      "数学是研究数量、结构以及空间等概念的一门学科。数学家研究數學 2018",
      "河流将泥沙带入大海，船只在海上寻找灯塔。",
      "我们的大学在北京，大学的学生研究空间结构。",
    ];
    const counter = wordCounter({ minCollectionFrequency: 1, words: "chinese" });
    for (const text of texts) counter.add(text);
    const known = counter.finish();
    const pairs = wordSetSampler(known, { pairsPerDocument: 300 }).pairs(texts[0]!, seeded(5));
    const drawn = new Set(pairs.flatMap(({ preferred, other }) => [...preferred.words, ...other.words]));
    for (const word of ["数学", "研究", "空间", "大学"]) expect(drawn.has(word)).toBe(true);
    for (const word of drawn) expect(word).toMatch(/^\p{Script=Han}+$/u);
    const stopped = stopWordList("chinese");
    for (const word of drawn) expect(stopped.has(word)).toBe(false);
    for (const { preferred, other } of pairs) {
      expect(preferred.words.length).toBe(other.words.length);
      expect(preferred.logLikelihood).toBeGreaterThan(other.logLikelihood);
    }
    const model = documentModels(known)(texts[0]!);
    expect(model.counts.get(known.words.indexOf("研究"))).toBe(2);
    const sum = known.words.reduce((total, _, i) => total + model.probability(i), 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
  });

  it("gives the same pairs for the same seed, and others for another", () => {
    expect(pairsOf({ pairsPerDocument: 20 })).toEqual(pairsOf({ pairsPerDocument: 20 }));
    expect(pairsOf({ pairsPerDocument: 20 })).not.toEqual(pairsOf({ pairsPerDocument: 20 }, D1, 2));
  });

  it.each(["", "42 !?", "zzz unseen words"])("gives none for a text without a word of the vocabulary: %j", (text) => {
    expect(pairsOf({}, text)).toEqual([]);
  });

  it("ends where nothing differs: one word is one tie after the other", () => {
    const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set() });
    counter.add("only only");
    expect(wordSetSampler(counter.finish()).pairs("only", seeded(1))).toEqual([]);
  });

  it("gives a stem as one of its forms, the frequent ones more often", async () => {
    const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set(), stem: true });
    counter.add(`${"ranks ".repeat(7)} ranking cat`);
    const sampler = wordSetSampler(counter.finish(), { ...plain, pairsPerDocument: 4000, dropTies: false });
    const words = sampler
      .pairs("ranked by rank cat ranks", seeded(2))
      .flatMap(({ preferred, other }) => [...preferred.words, ...other.words]);
    const count = (form: string) => words.filter((word) => word === form).length;
    expect(new Set(words)).toEqual(new Set(["ranks", "ranking", "cat"]));
    expect(count("ranks") / count("ranking")).toBeCloseTo(Math.log(8) / Math.log(2), 0);
  });
});

describe("keepProbabilities", () => {
  it("gives word2vec's chances for t = 1e-4", () => {
    const frequencies = Float64Array.of(0.01, 0.001, 1e-4, 1e-6);
    const keep = keepProbabilities({ ...statistics, collectionFrequency: frequencies, totalWords: 1 }, 1e-4);
    expect([...keep].map((value) => Number(value.toFixed(4)))).toEqual([0.11, 0.4162, 1, 1]);
  });
});
