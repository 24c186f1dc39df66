import { documentText } from "@propria/collection";
import { samplingNames, wordKindNames, wordSetSampler } from "@propria/rop-sampler";
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
import { corpusWords } from "./statistics.ts";

const samplerOf = madeOnce(wordSetSampler);

/**
 * PROP: of two word sets drawn from a document's language model, prefer the likelier (representative words prediction, ROP);
 * with the masked language model beside it.
 *
 * Defaults are the paper's; where it is silent, its code's. Differs from the code where that has faults (rop-sampler lists them), and in
 * dropping ties, which Algorithm 1 gives to the second set.
 *
 * @see Ma et al., "PROP: Pre-training with Representative Words Prediction for Ad-hoc Retrieval", WSDM 2021.
 *      https://arxiv.org/abs/2010.10137
 */
export default defineObjective({
  name: "prop",

  options: z
    .object({
      sampling: z
        .enum(samplingNames)
        .default("documentModel")
        .describe(
          "where word sets come from: the document's language model; or what the paper's ablation may mean by random: words alike of those that can be drawn, or of the document's, with the likelier set preferred still, or the label by a coin. A guess",
        ),
      words: z
        .enum(wordKindNames)
        .default("latin")
        .describe(
          "what a word of a set is: latin, [a-zA-Z]+ as in the code; chinese, those and the words that ICU's dictionary parts Chinese text into",
        ),
      minCollectionFrequency: z
        .number()
        .int()
        .positive()
        .default(50)
        .describe("words that are rarer in the corpus are not drawn (the code has 10)"),
      stopWords: z
        .string()
        .default("auto")
        .describe(
          "words never drawn: a list's name, or a file with one a line; auto: english, and with chinese words those of chinese besides. A guess: english stands in for INQUERY's list, which no package has",
        ),
      stem: z
        .boolean()
        .default(false)
        .describe("count and draw Porter stems, shown as one of their forms. A guess: the code can do both"),
      collectionModel: z
        .enum(["cf", "df"])
        .default("cf")
        .describe(
          "P(w|C) from collection frequencies, as in the formula, or from document frequencies, as in the code",
        ),
      mu: z
        .union([z.literal("average"), z.number().nonnegative()])
        .default("average")
        .describe("μ of the Dirichlet smoothing, words; average: the average document's length. Of the code"),
      supportWords: z
        .number()
        .int()
        .positive()
        .default(500)
        .describe("K: words that can be drawn for a document, its own filled up with words of the corpus. Of the code"),
      backgroundWords: z
        .number()
        .int()
        .nonnegative()
        .default(100)
        .describe("words of the corpus for a document that has K of its own. Of the code"),
      subsampleThreshold: z
        .number()
        .nonnegative()
        .default(1e-4)
        .describe("t of word2vec's sub-sampling of frequent words; 0: none. Of the code"),
      shortDocumentTokens: z
        .number()
        .int()
        .nonnegative()
        .default(100)
        .describe("a document of fewer pieces is short. Of the code (200 in its first release)"),
      ...wordSetOptions,
    })
    .refine(...learnsSomething),

  prepare: corpusWords,

  heads: wordSetHeads,

  examples: (document, context) =>
    wordSetExamples(document, context, () =>
      samplerOf(context.prepared, context.options).pairs(documentText(document), context.random),
    ),

  /** Rows of a pair are neighbours, the preferred first: `[2B, T]`. */
  collate: (examples, context) => collateWordSetRows(examples, context),

  loss: wordSetLoss,
});
