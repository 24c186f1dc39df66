/** What decides the vectors that are learnt. */
import { PropriaError } from "@propria/base";
import { z } from "zod";

/** Which of word2vec's two: a word from the mean of its neighbours, or from each of them. */
export type Method = "cbow" | "skip-gram";

const count = z.int().positive();

/** The options with their defaults. */
export const wordVectorOptions = z.object({
  method: z
    .enum(["cbow", "skip-gram"])
    .default("cbow")
    .describe("a word from the mean of its neighbours, or from each"),
  dimensions: count.default(300).describe("numbers in a vector; 300 as in DRMM's and K-NRM's papers"),
  window: count.default(10).describe("words on each side, of which a part is drawn for each word; DRMM's paper has 10"),
  minCount: count.default(5).describe("words that occur less often have no vector; 5 as word2vec's"),
  negatives: count.default(10).describe("words drawn against each true one; DRMM's paper has 10"),
  negativePower: z
    .number()
    .min(0)
    .default(0.75)
    .describe("negatives are drawn by count to this power; 0.75 as word2vec's"),
  sample: z
    .number()
    .min(0)
    .default(1e-4)
    .describe("share of all words above which a word is left out now and then; 0: never. DRMM's paper has 1e-4"),
  epochs: count.default(5).describe("passes over the texts; 5 as word2vec's"),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      "at the start, falling evenly to a ten-thousandth; default word2vec's: 0.05 for cbow, 0.025 for skip-gram",
    ),
  maxWords: count.default(1 << 20).describe("words with a vector, the most frequent ones. A guess"),
  seed: z.int().default(0).describe("of everything random"),
});

/** The options as a caller gives them. */
export type WordVectorOptions = z.input<typeof wordVectorOptions>;

/** The options with their defaults. */
export type Settings = Omit<z.output<typeof wordVectorOptions>, "learningRate"> & { learningRate: number };

const LEARNING_RATES: Readonly<Record<Method, number>> = { cbow: 0.05, "skip-gram": 0.025 };

/** @throws {PropriaError} `OPTION_INVALID`, naming the first option that cannot be. */
export function settingsOf(given: WordVectorOptions): Settings {
  const { data, error } = wordVectorOptions.safeParse(given);
  if (!error) return { ...data, learningRate: data.learningRate ?? LEARNING_RATES[data.method] };
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, { at: `word vectors: ${path.join(".")}`, cause: error });
}
