/**
 * PROP's sampler: pairs of word sets from a document's language model, the likelier one preferred.
 *
 * @see Ma et al., "PROP: Pre-training with Representative Words Prediction for Ad-hoc Retrieval", WSDM 2021.
 *      https://arxiv.org/abs/2010.10137
 */
import type { Random } from "@propria/base";
import { aliasTable } from "./alias-table.ts";
import { type DocumentModel, type DocumentModelOptions, documentModels } from "./document-model.ts";
import { drawIndex, truncatedPoisson } from "./truncated-poisson.ts";
import type { WordStatistics } from "./word-statistics.ts";

/**
 * How words are drawn and which set is preferred. `documentModel` is PROP; the others are readings of the "random" sampling that its paper
 * compares with and does not describe:
 *
 * - `uniformSupport`: every word of the support alike; the likelier set is preferred.
 * - `uniformDocument`: every distinct word of the document alike; the likelier set is preferred.
 * - `randomLabel`: drawn as by `documentModel`; a coin says which set is preferred.
 */
export const samplingNames = ["documentModel", "uniformSupport", "uniformDocument", "randomLabel"] as const;

export interface WordSetOptions extends DocumentModelOptions {
  /** Default `"documentModel"`. */
  sampling?: (typeof samplingNames)[number];
  /** Pairs drawn from a document; ties may leave fewer. */
  pairsPerDocument?: number;
  /** λ of the zero-truncated Poisson that a pair's length is drawn from, words; in (0, 100]. */
  poissonMean?: number;
  /** K: words that can be drawn for a document: its own, filled up with words of the corpus. */
  supportWords?: number;
  /** Words of the corpus drawn into the support of a document that has `supportWords` or more of its own. */
  backgroundWords?: number;
  /** t of the sub-sampling of frequent words: a word of corpus share f is taken with probability min(1, √(t/f) + t/f). 0: always. */
  subsampleThreshold?: number;
  /** Leave out pairs of equal likelihood. If not, the second set of a tie is preferred, as in the paper's Algorithm 1. */
  dropTies?: boolean;
}

/** Words drawn with replacement, in the order drawn. */
export interface WordSet {
  words: string[];
  /** Σ log P(w|θ_D), nats, over the whole vocabulary's model (not the support's). */
  logLikelihood: number;
}

/** Two sets of one length from one document; `preferred` is the likelier, but where a coin decides. */
export interface WordSetPair {
  preferred: WordSet;
  other: WordSet;
}

/** A document's words to draw from. */
export interface Support {
  model: DocumentModel;
  /** Word numbers: the document's, then those of the corpus that it lacks. */
  words: Int32Array;
  /** Rising sums of the words' weights: P(w|θ_D) times the chance that sub-sampling takes the word, or 1 where words are drawn alike. */
  cumulative: Float64Array;
}

export interface WordSetSampler {
  /** What `pairs` draws from. `undefined` for a text without a word of the vocabulary. */
  support(text: string, random: Random): Support | undefined;
  /** The pairs of one document: a function of the text and of `random`. */
  pairs(text: string, random: Random): WordSetPair[];
}

/** Equal likelihoods differ by rounding when their factors are summed in another order. */
const TIE_TOLERANCE = 1e-12;

const COIN = 0.5;

/**
 * A sampler over the statistics of a corpus.
 *
 * Differs from PROP's code where that has faults: drawing a word and then rejecting it with probability 1 − keep is the same as drawing
 * with weight P·keep, which has no loop that might not end; a document's own list is never cut; both sets start empty.
 */
export function wordSetSampler(
  statistics: WordStatistics,
  {
    sampling = "documentModel",
    pairsPerDocument = 5,
    poissonMean = 3,
    supportWords = 500,
    backgroundWords = 100,
    subsampleThreshold = 1e-4,
    dropTies = true,
    collectionModel = "cf",
    mu = "average",
  }: WordSetOptions = {},
): WordSetSampler {
  const modelOf = documentModels(statistics, { collectionModel, mu });
  const lengths = risingSums(truncatedPoisson(poissonMean));
  const background = aliasTable(statistics.documentFrequency);
  const keep = keepProbabilities(statistics, subsampleThreshold);
  const surfaceOf = surfaces(statistics);
  const uniform = sampling === "uniformSupport" || sampling === "uniformDocument";

  const support = (text: string, random: Random): Support | undefined => {
    const model = modelOf(text);
    if (model.length === 0) return undefined;
    const own = model.counts.size;
    const wanted = own < supportWords ? supportWords - own : backgroundWords;
    const missing = sampling === "uniformDocument" ? 0 : wanted;
    const words = new Int32Array(own + missing);
    let count = 0;
    for (const word of model.counts.keys()) words[count++] = word;
    const added = new Set<number>();
    for (let i = 0; i < missing; i++) {
      const word = background(random);
      if (model.counts.has(word) || added.has(word)) continue; // merged with the one that is there
      added.add(word);
      words[count++] = word;
    }
    const cumulative = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++)
      cumulative[i] = sum += uniform ? 1 : model.probability(words[i]!) * keep[words[i]!]!;
    return sum > 0 ? { model, words: words.subarray(0, count), cumulative } : undefined;
  };

  const draw = ({ model, words, cumulative }: Support, length: number, random: Random): WordSet => {
    const drawn = Array.from({ length }, () => words[drawIndex(cumulative, cumulative.length, random)]!);
    const logLikelihood = drawn.reduce((sum, word) => sum + Math.log(model.probability(word)), 0);
    return { words: drawn.map((word) => surfaceOf(word, random)), logLikelihood };
  };

  return {
    support,
    pairs(text, random) {
      const from = support(text, random);
      if (!from) return [];
      const pairs: WordSetPair[] = [];
      for (let i = 0; i < pairsPerDocument; i++) {
        const length = 1 + drawIndex(lengths, lengths.length, random);
        const first = draw(from, length, random);
        const second = draw(from, length, random);
        const tie = isTie(first, second);
        if (tie && dropTies) continue;
        const pair = tie ? { preferred: second, other: first } : orderedPair(first, second);
        pairs.push(sampling === "randomLabel" && random() < COIN ? turned(pair) : pair);
      }
      return pairs;
    },
  };
}

/** Whether the likelihoods are equal but for rounding; both may be −∞, of words that an unsmoothed document lacks. */
export const isTie = (first: WordSet, second: WordSet): boolean =>
  first.logLikelihood === second.logLikelihood ||
  Math.abs(first.logLikelihood - second.logLikelihood) <= TIE_TOLERANCE * Math.abs(first.logLikelihood);

/** A pair with the likelier set preferred. */
export const orderedPair = (first: WordSet, second: WordSet): WordSetPair =>
  first.logLikelihood > second.logLikelihood
    ? { preferred: first, other: second }
    : { preferred: second, other: first };

const turned = ({ preferred, other }: WordSetPair): WordSetPair => ({ preferred: other, other: preferred });

/**
 * The chance that sub-sampling takes a word, by word number: `min(1, √(t/f) + t/f)`, f its share of the corpus.
 *
 * @see Mikolov et al., word2vec's code; for t = 1e-4: f = .01 → .11, f = .001 → .4162, f = 1e-4 → 1.
 */
export function keepProbabilities(
  { collectionFrequency, totalWords }: WordStatistics,
  threshold: number,
): Float64Array {
  return collectionFrequency.map((count) => {
    const ratio = threshold / (count / totalWords);
    return threshold === 0 ? 1 : Math.min(1, Math.sqrt(ratio) + ratio);
  });
}

/** A word as it stands in texts: itself, or with stems one of its forms, drawn by ln(count + 1). */
function surfaces({ words, surfaces: known }: WordStatistics): (word: number, random: Random) => string {
  if (!known) return (word) => words[word]!;
  const forms: string[][] = words.map(() => []);
  const weights: number[][] = words.map(() => []);
  known.forms.forEach((form, i) => {
    const stem = known.stems[i]!;
    forms[stem]!.push(form);
    weights[stem]!.push(Math.log(known.counts[i]! + 1));
  });
  const cumulative = weights.map((each) => risingSums(Float64Array.from(each)));
  return (word, random) => forms[word]![drawIndex(cumulative[word]!, cumulative[word]!.length, random)]!;
}

function risingSums(values: Float64Array): Float64Array {
  let sum = 0;
  return values.map((value) => (sum += value));
}
