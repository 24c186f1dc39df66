import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import {
  contraster,
  documentDistribution,
  entropy,
  flatness,
  type RandomDistribution,
  type RandomDistributionOptions,
  randomCounter,
  saturate,
  type WordWeights,
} from "../index.ts";

const weightsOf = (words: Record<string, number>, others: readonly number[] = []): WordWeights => ({
  words: Object.keys(words),
  weights: Float32Array.from(Object.values(words)),
  others: Float32Array.from(others),
});

/** The worked example. */
const document = weightsOf({ fibrosis: 0.1, the: 0.12, lung: 0.02 });
const random: RandomDistribution = {
  words: ["the", "lung", "fibrosis"],
  probabilities: Float64Array.of(0.6, 0.35, 0.05),
  documents: 100,
};
const rounded = (values: ArrayLike<number>, places: number) =>
  Array.from(values, (value) => Number(value.toFixed(places)));
const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

describe("saturate", () => {
  it("is β/(b + β) with b = .01", () => {
    expect(rounded(saturate(document.weights), 5)).toEqual([0.90909, 0.92308, 0.66667]);
  });

  it.each(["ratio", "sqrt", "sigmoid", "none"] as const)("rises with the weight: %s", (saturation) => {
    const values = saturate([0, 0.001, 0.01, 0.02, 0.05, 0.2, 0.9], { saturation });
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!);
    for (const value of values) expect(value).toBeLessThanOrEqual(1);
  });

  it("gives 1 to all for b → 0, and is proportional to β for b → ∞", () => {
    for (const value of saturate(document.weights, { saturationWeight: 1e-12 })) expect(value).toBeCloseTo(1, 9);
    const b = 1e9;
    const scaled = saturate(document.weights, { saturationWeight: b }).map((value) => value * b);
    expect(rounded(scaled, 5)).toEqual([0.1, 0.12, 0.02]);
  });

  it("has the code's other curves: √β, and a sigmoid around .02", () => {
    expect(rounded(saturate([0.04, 0.02], { saturation: "sqrt" }), 5)).toEqual([0.2, 0.14142]);
    expect(rounded(saturate([0.02, 0.03], { saturation: "sigmoid" }), 5)).toEqual([0.5, 0.8808]);
  });
});

describe("documentDistribution", () => {
  it("is a softmax over the document's words, as in the paper", () => {
    expect(rounded(documentDistribution(document), 4)).toEqual([0.3573, 0.3623, 0.2804]);
  });

  it("is divided by the sum, as in the code", () => {
    expect(rounded(documentDistribution(document, { documentNormalizer: "sum" }), 4)).toEqual([0.3638, 0.3694, 0.2668]);
  });

  it.each(["softmax", "sum"] as const)(
    "sums to 1 over the words, and to their part over everything: %s",
    (normalizer) => {
      const with_ = { ...document, others: Float32Array.of(0.5, 0.26) };
      const options = { documentNormalizer: normalizer };
      expect(total(documentDistribution(with_, options))).toBeCloseTo(1, 12);
      const shared = documentDistribution(with_, { ...options, normalizeOver: "everything" });
      const all = weightsOf({ fibrosis: 0.1, the: 0.12, lung: 0.02, cls: 0.5, sep: 0.26 });
      expect(rounded(shared, 12)).toEqual(rounded(documentDistribution(all, options).slice(0, 3), 12));
    },
  );

  it("is uniform where nothing is attended to", () => {
    const none = weightsOf({ a: 0, b: 0 });
    expect([...documentDistribution(none, { documentNormalizer: "sum" })]).toEqual([0.5, 0.5]);
  });
});

describe("contraster", () => {
  it("is the worked example: `the` falls from first to last", () => {
    const { words, divergences, probabilities } = contraster(random, { documentNormalizer: "sum" })(document);
    expect(words).toEqual(["fibrosis", "the", "lung"]);
    expect(rounded(divergences, 4)).toEqual([1.5723, 0.2722, 0.4041]);
    expect(rounded(probabilities, 4)).toEqual([0.6315, 0.1721, 0.1964]);
  });

  it("gives a word that all documents have alike less than an equally weighted rarer one", () => {
    const counter = randomCounter();
    const documents = ["x", "y", "z"].map((own) => weightsOf({ shared: 0.1, [own]: 0.1 }));
    for (const each of documents) counter.add(each);
    const { divergences } = contraster(counter.finish())(documents[0]!);
    expect(divergences[0]).toBeLessThan(divergences[1]!);
  });

  it("puts a word that the random distribution lacks last", () => {
    const { divergences } = contraster(random)(weightsOf({ the: 0.2, unseen: 0.2 }));
    expect(divergences[1]).toBeCloseTo(-0.5, 12);
    expect(divergences[0]).toBeGreaterThan(0);
  });

  it("caps γ, and subtracts, when asked to", () => {
    const capped = contraster(random, { documentNormalizer: "sum", divergenceCap: 0.4 })(document);
    expect(rounded(capped.divergences, 4)).toEqual([0.4, 0.2722, 0.4]);
    const subtracted = contraster(random, { documentNormalizer: "sum", divergence: "subtract" })(document);
    expect(rounded(subtracted.divergences, 4)).toEqual([0.3138, 0, 0]);
  });

  it("is sharper at a lower temperature, and possible at any", () => {
    const at = (temperature: number) => contraster(random, { temperature })(document).probabilities;
    expect(entropy(at(0.05))).toBeLessThan(entropy(at(1)));
    expect(total(at(1e-6))).toBeCloseTo(1, 12);
    for (const probability of at(1e-6)) expect(Math.log(probability)).toBeGreaterThan(Number.NEGATIVE_INFINITY);
  });

  it("gives nothing of no words", () => {
    expect([...contraster(random)(weightsOf({})).probabilities]).toEqual([]);
  });
});

describe("randomCounter", () => {
  const documents = [
    weightsOf({ a: 0.3, b: 0.1 }, [0.6]),
    weightsOf({ b: 0.2, c: 0.02, d: 0.02, e: 0.02, f: 0.02 }, [0.7]),
    weightsOf({}, [1]),
  ];
  const finish = (options: RandomDistributionOptions) => {
    const counter = randomCounter(options);
    for (const each of documents) counter.add(each);
    return counter.finish();
  };

  it.each(["perDocument", "global"] as const)("sums to 1: %s", (randomNormalizer) => {
    for (const documentNormalizer of ["softmax", "sum"] as const)
      expect(total(finish({ randomNormalizer, documentNormalizer }).probabilities)).toBeCloseTo(1, 12);
    expect(total(finish({ randomNormalizer, minDocumentFrequency: 2 }).probabilities)).toBeCloseTo(1, 12);
    expect(total(finish({ randomNormalizer, normalizeOver: "everything" }).probabilities)).toBeLessThan(0.95);
  });

  it("is the mean of the documents' distributions, as in the paper", () => {
    const { words, probabilities, documents: count } = finish({});
    const [first, second] = documents.map((each) => documentDistribution(each));
    expect(count).toBe(2); // of those with words
    expect(words[0]).toBe("b");
    expect(probabilities[0]).toBeCloseTo((first![1]! + second![0]!) / 2, 12);
  });

  it("is the saturated weights normalised once, as in the code: long documents weigh more", () => {
    const { words, probabilities } = finish({ randomNormalizer: "global" });
    const masses = documents.flatMap(({ weights }) => [...saturate(weights)]);
    const b = saturate([0.1, 0.2]);
    expect(probabilities[words.indexOf("b")]).toBeCloseTo((b[0]! + b[1]!) / total(masses), 6);
    const ofSecond = (distribution: RandomDistribution) =>
      distribution.words.reduce(
        (sum, word, i) => sum + ("cdef".includes(word) ? distribution.probabilities[i]! : 0),
        0,
      );
    expect(ofSecond(finish({ randomNormalizer: "global" }))).toBeGreaterThan(
      ofSecond(finish({ documentNormalizer: "sum" })),
    );
  });

  it("leaves out words of fewer documents than wanted, and says so when none is left", () => {
    expect(finish({ minDocumentFrequency: 2 }).words).toEqual(["b"]);
    expect(() => finish({ minDocumentFrequency: 3 })).toThrow(/^minDocumentFrequency: no word stands in 3 documents/);
  });

  it("forgets the words with the least mass beyond the bound", () => {
    const counter = randomCounter({ maxWords: 10 });
    for (let i = 0; i < 500; i++) counter.add(weightsOf({ common: 0.2, [`w${i}`]: 0.1 }));
    const { words } = counter.finish();
    expect(words[0]).toBe("common");
    expect(words.length).toBeLessThanOrEqual(11);
  });

  it("orders its words by probability", () => {
    const { probabilities } = finish({});
    for (let i = 1; i < probabilities.length; i++) expect(probabilities[i]).toBeLessThanOrEqual(probabilities[i - 1]!);
  });
});

describe("flatness", () => {
  it("finds what the paper's setting gives almost flat, and sharp at T = .05", () => {
    // 150 words whose attention is drawn from a long tail, against 2,000 documents of such words.
    const draw = seeded(3, "attention");
    const words = (count: number, name: (i: number) => string): WordWeights => {
      const weights = Float64Array.from({ length: count }, () => draw() ** 4);
      const sum = total(weights);
      const record = Object.fromEntries([...weights].map((weight, i) => [name(i), weight / sum]));
      return weightsOf(record);
    };
    const counter = randomCounter({ documentNormalizer: "sum" });
    const documents = Array.from({ length: 2000 }, () => words(150, () => `w${Math.floor(50_000 ** draw())}`));
    for (const each of documents) counter.add(each);
    const distribution = counter.finish();
    const of = (temperature: number) => {
      const contrast = contraster(distribution, { documentNormalizer: "sum", temperature });
      return flatness(documents.slice(0, 200).map(contrast));
    };
    expect(of(1).relativeEntropy).toBeGreaterThan(0.998);
    expect(of(1).ratio).toBeLessThan(1.6);
    expect(of(0.05).relativeEntropy).toBeLessThan(of(1).relativeEntropy);
    expect(of(0.05).ratio).toBeGreaterThan(50);
  });

  it("passes over documents of one word, and calls nothing flat", () => {
    const one = { probabilities: Float64Array.of(1) };
    expect(flatness([one])).toEqual({ documents: 0, relativeEntropy: 1, ratio: 1 });
    expect(flatness([one, { probabilities: Float64Array.of(0.75, 0.25) }])).toMatchObject({ documents: 1, ratio: 3 });
  });
});
