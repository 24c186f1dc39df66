import {
  type ContrastiveSetOptions,
  contrastiveSampler,
  openAttention,
  pieceNames,
  saturationNames,
  wordKindNames,
} from "@propria/rop-sampler";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import {
  collateWordSetRows,
  learnsSomething,
  madeOnce,
  wordSetExamples,
  wordSetHeads,
  wordSetLoss,
  wordSetOptions,
} from "../toolkit/index.ts";
import { type AttendedWords, attendedWords } from "./attended-words.ts";

const opened = madeOnce(({ folder, random }: AttendedWords, options: ContrastiveSetOptions) => ({
  attention: openAttention(folder),
  sampler: contrastiveSampler(random, options),
}));

/**
 * B-PROP: as PROP, with word sets drawn from what the starting model's [CLS] attends to in a document more than in others (contrastive term
 * distribution). Trained again from the model that comes out, it bootstraps.
 *
 * Defaults are the paper's; where it is silent, its code's. Each description says what the other of the two does. Differs from the code where that has
 * faults: [CLS] and [SEP] leave before anything is normalised, documents of one text do not overwrite each other, a document ends at the first
 * word that does not fit, and ties are dropped.
 *
 * @see Ma et al., "B-PROP: Bootstrapped Pre-training with Representative Words Prediction for Ad-hoc Retrieval", SIGIR 2021.
 *      https://arxiv.org/abs/2104.09791
 */
export default defineObjective({
  name: "b-prop",

  options: z
    .object({
      attention: z
        .string()
        .default("")
        .describe(
          "folder where the attention to the corpus is kept for other runs, by model, settings and corpus; none: within the training, removed at its end",
        ),
      layer: z
        .number()
        .int()
        .default(-1)
        .describe("layer whose attention of [CLS] is taken, the mean over its heads; from 0, or from −1 for the last"),
      pieces: z
        .enum(pieceNames)
        .default("onlyFirst")
        .describe(
          "pieces of a word: the encoder sees the first alone, as in the code; or it sees all, and the first speaks for the word, or their sum. The paper does not say",
        ),
      occurrences: z
        .enum(["sum", "max"])
        .default("sum")
        .describe("attention to a word that stands several times: their sum, or the largest, as the code also can"),
      words: z
        .enum(wordKindNames)
        .default("latin")
        .describe("words that can be drawn: of Latin letters, or Chinese ones too, which pieces are joined to. Ours"),
      attentionTokens: z
        .number()
        .int()
        .min(3)
        .default(512)
        .describe("tokens of a document that are attended to, where the encoder has positions for so many"),
      saturation: z
        .enum(saturationNames)
        .default("ratio")
        .describe(
          "what becomes of attention β: β/(b + β), the paper's; √β or a sigmoid around .02, which the code has too; or none, its ablation",
        ),
      saturationWeight: z
        .number()
        .positive()
        .default(0.01)
        .describe("b of that ratio: the attention that becomes one half"),
      documentNormalizer: z
        .enum(["softmax", "sum"])
        .default("softmax")
        .describe("P(w|θ_d) by a softmax over the document's words, as printed, or by their sum, as in the code"),
      normalizeOver: z
        .enum(["words", "everything"])
        .default("words")
        .describe(
          "what shares that mass: words; or also [CLS], [SEP] and punctuation, which the code removes only later",
        ),
      randomNormalizer: z
        .enum(["perDocument", "global"])
        .default("perDocument")
        .describe(
          "P(w|θ_rand) as the mean of the documents' distributions, as printed, or of their saturated attention, normalised once, as in the code",
        ),
      minDocumentFrequency: z
        .number()
        .int()
        .positive()
        .default(1)
        .describe(
          "words of fewer documents are taken for unrepresentative. Ours: 1 leaves the paper's method as it is",
        ),
      divergence: z
        .enum(["entropy", "subtract"])
        .default("entropy")
        .describe("γ = −P(w|θ_d)·log₂ P(w|θ_rand), or max(0, P(w|θ_d) − P(w|θ_rand)), which the code has too"),
      divergenceCap: z
        .number()
        .nonnegative()
        .default(0)
        .describe("most that γ can be; 0: no limit. The code has 100, which is never reached"),
      temperature: z
        .number()
        .positive()
        .default(1)
        .describe(
          "T of softmax(γ/T), which words are drawn from. At 1, the paper's, it is almost flat, and what represents a document is said by the label; 0.05 is sharp (the code has 1, and 0.1 for subtract)",
        ),
      replacement: z
        .boolean()
        .default(true)
        .describe("draw words with replacement, as PROP does; the code draws without where there are enough"),
      minWords: z
        .number()
        .int()
        .nonnegative()
        .default(10)
        .describe("a document of fewer distinct words is left out. Of the code"),
      shortDocumentTokens: z
        .number()
        .int()
        .nonnegative()
        .default(200)
        .describe("a document of fewer pieces is short. Of the code"),
      ...wordSetOptions,
    })
    .refine(...learnsSomething),

  prepare: attendedWords,

  heads: wordSetHeads,

  examples: (document, context) =>
    wordSetExamples(document, context, () => {
      const { attention, sampler } = opened(context.prepared, context.options);
      return sampler.pairs(attention.at(context.number), context.random);
    }),

  /** Rows of a pair are neighbours, the preferred first: `[2B, T]`. */
  collate: (examples, context) => collateWordSetRows(examples, context),

  loss: wordSetLoss,
});
