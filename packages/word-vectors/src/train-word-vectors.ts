/** Word vectors from texts. */
import { setImmediate } from "node:timers/promises";
import { PropriaError, type Random, seeded } from "@propria/base";
import { countWords, TEXTS_BETWEEN_TURNS, type Texts, type WordCounts } from "./count-words.ts";
import { negativeDraw } from "./draw-negatives.ts";
import { type Settings, settingsOf, type WordVectorOptions } from "./options.ts";
import { type Scratch, scratch, type Tables, update } from "./updates.ts";
import type { WordVectors } from "./word-vectors.ts";

/** How far it is. */
export interface TrainingProgress {
  /** Counting the words comes first. */
  stage: "counting" | "training";
  /** Texts in this pass. */
  texts: number;
  /** Part of the training that is done, in [0, 1]; 0 while counting. */
  fraction: number;
}

/** What is learnt, and who hears of it. */
export type TrainOptions = WordVectorOptions & {
  /** Called for each text. */
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
};

/** The rate does not fall below this part of its start, as in word2vec. */
const LEAST_RATE = 1e-4;

/**
 * Learns the vector of each frequent word with word2vec's negative sampling, by CBOW or skip-gram. One thread, and a function of the texts and the
 * options alone. Memory: two tables of the words times the dimensions, and one text.
 *
 * @param texts Called once to count and once for each epoch; gives the same texts each time.
 * @throws {PropriaError} `OPTION_INVALID`; `NO_WORDS` when no word is frequent enough; `INTERRUPTED`.
 * @see Mikolov et al., "Efficient Estimation of Word Representations in Vector Space", 2013. https://arxiv.org/abs/1301.3781
 */
export async function trainWordVectors(
  texts: Texts,
  { onProgress = () => {}, signal, ...options }: TrainOptions = {},
): Promise<WordVectors> {
  const settings = settingsOf(options);
  const { minCount, maxWords, dimensions, seed, epochs } = settings;
  const tell = (progress: TrainingProgress) => {
    if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped before the word vectors were there");
    onProgress(progress);
  };
  const counts = await countWords(texts, {
    ...{ minCount, maxWords },
    onText: (done) => tell({ stage: "counting", texts: done, fraction: 0 }),
  });
  if (counts.words.length === 0)
    throw new PropriaError("NO_WORDS", `no word occurs ${minCount} times`, {
      at: "word vectors: minCount",
      mend: "give more texts, or a lower minCount",
    });
  const tables = startingTables(counts.words.length, dimensions, seeded(seed, "word vectors"));
  const learn = learner(settings, counts, tables);
  for (let epoch = 0; epoch < epochs; epoch++) {
    let done = 0;
    for await (const text of texts()) {
      const fraction = learn(text, seeded(seed, "words", epoch, done));
      tell({ stage: "training", texts: ++done, fraction });
      if (done % TEXTS_BETWEEN_TURNS === 0) await setImmediate();
    }
  }
  return { words: counts.words, dimensions, data: tables.input };
}

/** word2vec's: the input table uniform in ±1 / (2 · dimensions), the output table 0. */
function startingTables(words: number, dimensions: number, random: Random): Tables {
  const input = Float32Array.from({ length: words * dimensions }, () => (random() - 0.5) / dimensions);
  return { input, output: new Float32Array(words * dimensions), dimensions };
}

/** Learns from one text after the other, and says what part of all words it has seen. */
function learner(settings: Settings, { words, counts, total }: WordCounts, tables: Tables) {
  const rows = new Map(words.map((word, row) => [word, row]));
  const keep = counts.map((count) => keepProbability(count / total, settings.sample));
  const draw = negativeDraw(counts, settings.negativePower);
  const room = scratch(settings.dimensions);
  let seen = 0;
  return (text: readonly string[], random: Random): number => {
    const fraction = seen / (settings.epochs * total);
    const learningRate = settings.learningRate * Math.max(LEAST_RATE, 1 - fraction);
    const kept: number[] = [];
    for (const word of text) {
      const row = rows.get(word);
      if (row === undefined) continue;
      seen++;
      if (keep[row]! >= 1 || random() < keep[row]!) kept.push(row);
    }
    learnText(kept, { ...settings, learningRate }, tables, { draw, random, room });
    return seen / (settings.epochs * total);
  };
}

/** The chance that an occurrence stays, of a word with this share of all: √(t/f) + t/f, as in word2vec's code; the paper has √(t/f). */
export const keepProbability = (share: number, sample: number): number =>
  sample === 0 ? 1 : Math.min(1, Math.sqrt(sample / share) + sample / share);

interface Drawing {
  draw(random: Random): number;
  random: Random;
  room: Scratch;
}

/** Each word of a text in turn, within a window that is drawn for it. */
function learnText(
  rows: readonly number[],
  { method, window, negatives, learningRate }: Settings,
  tables: Tables,
  { draw, random, room }: Drawing,
): void {
  for (const [place, word] of rows.entries()) {
    const reach = 1 + random.int(window);
    const neighbours = [...rows.slice(Math.max(0, place - reach), place), ...rows.slice(place + 1, place + 1 + reach)];
    if (neighbours.length === 0) continue;
    for (const group of method === "cbow" ? [neighbours] : neighbours.map((each) => [each])) {
      const predicted = [word];
      for (let i = 0; i < negatives; i++) {
        const drawn = draw(random);
        if (drawn !== word) predicted.push(drawn); // as in word2vec: not drawn again
      }
      update(tables, group, predicted, learningRate, room);
    }
  }
}
