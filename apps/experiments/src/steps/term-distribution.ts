/** What word sets are drawn from: a document's words by its language model, by what a model attends to, and by the contrast of that with other documents. */
import { join } from "node:path";
import { corpusHash, documentText, openCorpus } from "@propria/collection";
import { openBackend } from "@propria/engine";
import {
  attendedKeywords,
  attentionPass,
  contraster,
  entropy,
  likelyKeywords,
  type RankedWord,
  randomCounter,
  type WordStatistics,
  type WordWeights,
  wordAttention,
  wordCounter,
} from "@propria/rop-sampler";
import { stopWordList, Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint } from "@propria/transformer-core";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step, type StepContext } from "../graph/step.ts";

/** The three, by the names of the figure. */
export const READINGS = ["language model", "attention", "contrast"] as const;
export type Reading = (typeof READINGS)[number];

/** What is said of a distribution over the words of a document. */
export const QUANTITIES = ["relativeEntropy", "stopWords", "rarity", "repeated"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/**
 * By reading and quantity: entropy over that of the uniform distribution; of the top words, the share that are stop words, the mean of −log₂ of the share of
 * documents that have the word (bits; of those that are no stop words), and the share that stand in the document more than once.
 */
export type TermDistributions = {
  documents: number;
  means: { [reading in Reading]: { [quantity in Quantity]: number } };
  perDocument: { [reading in Reading]: { [quantity in Quantity]: number[] } };
  /** Of the text that was given: the top words, each with its share of what the list is ranked by. */
  example: { [reading in Reading]: [word: string, share: number][] };
};

/** What is looked at. */
export interface TermDistributionSettings {
  /** A text of ours, whose words are shown. */
  text: string;
  /** Words of a list. */
  top: number;
  /** Documents that the numbers are means over, evenly apart in the corpus. */
  documents: number;
}

/** BERT's own heads, which attention needs none of. */
const HEADS = ["cls", "classifier", "bert.pooler"];

/** Looks at documents of a corpus, and at a text beside it; contrasts and smooths with the whole corpus. */
export const termDistributionStep = (
  label: string,
  model: FolderStep,
  corpus: FolderStep,
  settings: TermDistributionSettings,
): Step<TermDistributions> =>
  defineStep({
    name: `term distributions, ${label}`,
    kind: "term-distribution",
    version: 1,
    settings: { ...settings },
    inputs: { model, corpus },
    async run(context) {
      const documents = await countedDocuments(context, corpus);
      return withAttention(context, model, documents, async (attended) => {
        const random = randomCounter();
        for (let i = 0; i < documents.texts.length; i++) random.add(attended.inCorpus(i));
        const look = readingsOf(documents.statistics, random.finish(), settings.top);
        const count = Math.min(settings.documents, documents.texts.length);
        const places = Array.from({ length: count }, (_, i) => Math.floor((i * documents.texts.length) / count));
        const stopWords = stopWordList("english");
        const rarityOf = rarity(documents.statistics);
        const each = places
          .map((place) => look(documents.texts[place]!, attended.inCorpus(place)))
          .filter((readings) => READINGS.every((reading) => readings[reading].probabilities.length >= settings.top))
          .map((readings) => quantitiesOf(readings, { rarityOf, stopWords }));
        const example = look(settings.text, await attended.of(settings.text));
        return summaryOf(each, example);
      });
    },
  });

interface Documents {
  texts: readonly string[];
  statistics: WordStatistics;
  hash: string;
}

async function countedDocuments(context: StepContext, corpus: FolderStep): Promise<Documents> {
  const opened = await openCorpus(pathOf(context, corpus));
  const counter = wordCounter({ minCollectionFrequency: 1 });
  const texts: string[] = [];
  async function* counted() {
    for await (const document of opened.documents()) {
      context.stopIfAsked();
      const text = documentText(document);
      texts.push(text);
      counter.add(text);
      yield document;
    }
  }
  const hash = await corpusHash({ documents: counted });
  return { texts, statistics: counter.finish(), hash };
}

interface Attended {
  inCorpus(number: number): WordWeights;
  of(text: string): Promise<WordWeights>;
}

async function withAttention<Result>(
  context: StepContext,
  model: FolderStep,
  { texts, hash }: Documents,
  use: (attended: Attended) => Promise<Result>,
): Promise<Result> {
  const { folder, threads, signal, onProgress } = context;
  const path = pathOf(context, model);
  const tokenizer = await Tokenizer.load(path);
  const { config, parameters } = await loadCheckpoint(path, { drop: HEADS });
  const backend = await openBackend("onnx", { threads });
  const attention = wordAttention({ config, parameters, tokenizer, backend });
  try {
    const documents = texts.map((text, i) => ({ id: String(i), title: "", text }));
    const file = await attentionPass({
      ...{ model: attention, documents, corpusHash: hash, folder: join(folder, "attention"), signal },
      onProgress: (done) => onProgress({ done, total: texts.length, unit: "documents" }),
    });
    try {
      return await use({
        inCorpus: (number) => file.at(number),
        of: async (text) => (await attention.weigh([text]))[0]!,
      });
    } finally {
      file.close();
    }
  } finally {
    await attention.release();
  }
}

/** A document in one reading: its distribution over its words, and the best of them. */
interface Distribution {
  probabilities: Float64Array;
  top: readonly RankedWord[];
  counts: ReadonlyMap<string, number>;
}

type Readings = { [reading in Reading]: Distribution };

/** A function from a document to its distributions. The language model's is cut to the words of the document, as its list is. */
function readingsOf(
  statistics: WordStatistics,
  random: ReturnType<ReturnType<typeof randomCounter>["finish"]>,
  top: number,
): (text: string, attended: WordWeights) => Readings {
  const likely = likelyKeywords(statistics);
  const ranked = attendedKeywords(random, { top });
  const contrast = contraster(random);
  return (text, attended) => {
    const counts = new Map<string, number>();
    for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = likely(text);
    const { attention, contrastive } = ranked(attended);
    return {
      "language model": {
        ...{ probabilities: shares(words.map(({ score }) => score)), top: words.slice(0, top), counts },
      },
      attention: { probabilities: shares(attended.weights), top: attention, counts },
      contrast: { probabilities: contrast(attended).probabilities, top: contrastive, counts },
    };
  };
}

function shares(weights: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(weights);
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

type Quantities = { [reading in Reading]: { [quantity in Quantity]: number } };

function quantitiesOf(
  readings: Readings,
  { rarityOf, stopWords }: { rarityOf: (word: string) => number; stopWords: ReadonlySet<string> },
): Quantities {
  return byReading((reading) => {
    const { probabilities, top, counts } = readings[reading];
    const words = top.map(({ word }) => word);
    return {
      relativeEntropy: entropy(probabilities) / Math.log(probabilities.length),
      stopWords: meanOf(words, (word) => (stopWords.has(word) ? 1 : 0)),
      rarity: meanOf(
        words.filter((word) => !stopWords.has(word)),
        rarityOf,
      ),
      repeated: meanOf(words, (word) => (counts.get(word)! > 1 ? 1 : 0)),
    };
  });
}

const meanOf = (words: readonly string[], of: (word: string) => number): number =>
  words.reduce((sum, word) => sum + of(word), 0) / Math.max(1, words.length);

/** −log₂ of the share of documents that have a word, bits. */
function rarity({ words, documentFrequency, documentCount }: WordStatistics): (word: string) => number {
  const places = new Map(words.map((word, i) => [word, i]));
  return (word) => {
    const place = places.get(word);
    return place === undefined ? Math.log2(documentCount) : -Math.log2(documentFrequency[place]! / documentCount);
  };
}

function summaryOf(each: readonly Quantities[], example: Readings): TermDistributions {
  const valuesOf = (reading: Reading) =>
    byQuantity((quantity) => each.map((quantities) => rounded(quantities[reading][quantity])));
  return {
    documents: each.length,
    means: byReading((reading) =>
      byQuantity((quantity) => rounded(each.reduce((sum, one) => sum + one[reading][quantity], 0) / each.length)),
    ),
    perDocument: byReading(valuesOf),
    example: byReading((reading) => {
      const { top } = example[reading];
      const total = top.reduce((sum, { score }) => sum + score, 0);
      return top.map(({ word, score }) => [word, rounded(score / total)]);
    }),
  };
}

const byReading = <Value>(of: (reading: Reading) => Value) =>
  Object.fromEntries(READINGS.map((reading) => [reading, of(reading)])) as { [reading in Reading]: Value };
const byQuantity = <Value>(of: (quantity: Quantity) => Value) =>
  Object.fromEntries(QUANTITIES.map((quantity) => [quantity, of(quantity)])) as { [quantity in Quantity]: Value };

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
