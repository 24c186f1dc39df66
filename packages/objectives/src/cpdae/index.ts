import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks, wordDecoderInits } from "../toolkit/index.ts";
import { collateBag, twoViews } from "./examples.ts";
import { contrastViews, representViews } from "./loss.ts";

/**
 * CPDAE (CPADE in its author's own list): an autoencoder for dense retrieval. Of a text two long views are made by random masking; a decoder
 * without tokens gives a distribution over words for each view's vector of [CLS]; it is to hold the words of the whole text, and the
 * distributions of a text's two views are pulled together and pushed from those of other texts. The masked language model stands beside it.
 *
 * Known from the thesis' slides: the two views by random masking, an MLP decoder in place of an autoregressive one, contrast by a divergence
 * of word distributions, and a variant CPDAE_R. No code was published and the paper's body could not be read: rate and form of masking, the
 * MLP's depth, temperature, weights, what is reconstructed and what R means are guesses, and options. The decoder here has the form of
 * BERT's head of words; the reconstruction is a bag of words, −1/|U| Σ log p(w) over the distinct tokens U of the unmasked text.
 *
 * The slides' theory says: contrast lowers the mass of words that all texts share and raises that of words of one text. Their expression for −JS is
 * 2 ln 2 − 2 JS, so a factor and a constant are lost, which changes no gradient's direction. Shared words do fall. A word of one text
 * alone rises only where its p > 1/e, which among 30,000 words it hardly ever is; below, the gradient lowers it too. So it has to be
 * measured: `decodedMass`.
 *
 * @see Ma et al., "A Contrastive Pre-training Approach to Discriminative Autoencoder for Dense Retrieval", CIKM 2022. https://arxiv.org/abs/2208.09846
 */
export default defineObjective({
  name: "cpdae",

  options: z.object({
    variant: z
      .enum(["full", "reconstruction-only"])
      .default("full")
      .describe("reconstruction-only leaves out the contrast: likely the thesis' CPDAE_R. A guess"),
    distance: z
      .enum(["js", "symmetric-kl"])
      .default("js")
      .describe(
        "divergence of two word distributions: Jensen-Shannon, as in the slides' theory, or the mean of the two Kullback-Leibler ones. The slides say KL; the default is a guess",
      ),
    temperature: z
      .union([z.literal("auto"), z.number().positive()])
      .default("auto")
      .describe(
        "τ: divides the distances; small is sharp. auto: 0.1 for js, which is ln 2 at most (at 1 the contrast of N texts would lie between ln N and ln(2N − 1) whatever is learnt), and 1 for symmetric-kl, which has no bound. A guess",
      ),
    reconstructionWeight: z.number().nonnegative().default(1).describe("weight of the reconstruction. A guess"),
    contrastWeight: z.number().nonnegative().default(1).describe("weight of the contrast. A guess"),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(1)
      .describe("weight of the masked language model's loss; 0 leaves its head out. A guess"),
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of a view's pieces that is masked. A guess"),
    maxMasked: z.number().int().positive().default(512).describe("most pieces masked in a view. A guess: all"),
    masking: z
      .enum(["bert", "mask"])
      .default("bert")
      .describe("of the chosen pieces 80 % become [MASK], 10 % another and 10 % stay; or all become [MASK]. A guess"),
    wholeWords: z.boolean().default(false).describe("mask all pieces of a word or none. A guess"),
    tiedDecoder: z
      .boolean()
      .default(true)
      .describe("the decoder's last map is the table of word embeddings, or a matrix of its own. A guess"),
  }),

  heads: (config, options) => ({
    ...(options.maskedWeight > 0 && maskedLanguageModelInits(config)),
    ...wordDecoderInits(config, { tied: options.tiedDecoder }),
  }),

  examples: twoViews,

  /** The views of a text are neighbours: `[2B, T]`; their bag of words is one, `[B, T]`. */
  collate(examples, { pad, options }) {
    const rows = examples.flatMap(({ first, second }) => [first, second]);
    const text = pad(rows.map((row) => row.inputIds));
    const width = text.inputIds.shape[1];
    const masks = collateMasks(rows, width, { rate: options.maskRate, maxMasked: options.maxMasked });
    const bag = collateBag(
      examples.map(({ words }) => words),
      width,
    );
    return { text, masks, bag };
  },

  embedding: { pooling: "cls", similarity: "dot" },

  represent: representViews,

  contrast: contrastViews,
});
