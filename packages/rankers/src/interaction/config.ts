/** What an interaction model is, beside its weights; `interaction.json` holds it. */
import { PropriaError } from "@propria/base";
import { z } from "zod";

const count = z.int().positive();

/** How a text becomes words. */
export const wordSettings = z.strictObject({
  stem: z.boolean().default(false).describe("Porter's stems; DRMM's paper has Krovetz'"),
  stopWords: z
    .union([z.enum(["lucene", "english", "chinese", "none"]), z.array(z.string())])
    .default("lucene")
    .describe("words that are left out: a list's name, or the words themselves"),
  pattern: z
    .string()
    .default("[a-z0-9]+")
    .describe("what a word is, a regular expression over lower-cased text (flag u)"),
  segment: z
    .enum(["pattern", "chinese"])
    .default("pattern")
    .describe("chinese: the words of ICU's dictionary and runs of Latin letters, whatever stem and pattern say"),
});

/** How a text becomes words, as a caller says it. */
export type WordOptions = z.input<typeof wordSettings>;

const common = { words: wordSettings.prefault({}), dimensions: count.default(300).describe("numbers in a vector") };

const drmm = z.strictObject({
  ...common,
  model: z.literal("drmm"),
  queryWords: count.default(30).describe("words of a query that are read. A guess"),
  documentWords: count.optional().describe("words of a document that are read; default: all"),
  bins: z.int().min(2).default(30).describe("bins of a histogram, the last for exact matches; 30 in paper and code"),
  histogram: z
    .enum(["lch", "nh", "ch"])
    .default("lch")
    .describe("logarithm of the counts, counts over their sum, or counts; the paper's three, of which lch is best"),
  log: z
    .enum(["log10", "ln"])
    .default("log10")
    .describe("of count + 1: the paper names no base, its code has 10, MatchZoo e"),
  gate: z
    .enum(["idf", "vector"])
    .default("idf")
    .describe("what weighs the query's words against each other: idf, or the vector (TV)"),
  rescale: z
    .boolean()
    .default(false)
    .describe("divide the similarities of a query word by their largest, as the code does; the paper does not"),
  hidden: count.default(5).describe("width of the network between histogram and score; 5 in paper and code"),
});

const kernels = {
  ...common,
  queryWords: count.default(10).describe("words of a query that are read; 10 in K-NRM's code"),
  documentWords: count
    .default(200)
    .describe("words of a document that are read; K-NRM's code has 50, for titles, OpenMatch 200"),
  kernels: z
    .int()
    .min(2)
    .default(11)
    .describe("kernels, the first for exact matches; 11 in the papers, 21 in OpenMatch"),
  sigma: z.number().positive().default(0.1).describe("width of the soft kernels"),
  exactSigma: z.number().positive().default(0.001).describe("width of the kernel of exact matches"),
  softTf: z
    .enum(["log", "log1p"])
    .default("log")
    .describe("ln of a kernel's sum, as in the papers, or ln(1 + sum), as MatchZoo"),
  softTfScale: z
    .number()
    .positive()
    .default(0.01)
    .describe("what soft-TF is multiplied by: 0.01 in the authors' code; 1 is as the papers print it"),
  trainVectors: z.boolean().default(true).describe("the word vectors learn too, as in the papers"),
};

const knrm = z.strictObject({
  ...kernels,
  model: z.literal("knrm"),
  tanh: z.boolean().default(true).describe("the score is a tanh, as in the paper"),
});

const convKnrm = z.strictObject({
  ...kernels,
  model: z.literal("conv-knrm"),
  tanh: z.boolean().default(false).describe("the score is a tanh"),
  ngrams: count.default(3).describe("longest n-gram; 3 in the paper"),
  filters: count.default(128).describe("numbers in the vector of an n-gram; 128 in the paper"),
});

/** Every option of the three models. */
export const interactionConfig = z.discriminatedUnion("model", [drmm, knrm, convKnrm]);

/** Which model. */
export type InteractionName = z.output<typeof interactionConfig>["model"];

/** A model's options, defaults filled in. */
export type InteractionConfig = z.output<typeof interactionConfig>;
export type DrmmConfig = z.output<typeof drmm>;
export type KnrmConfig = z.output<typeof knrm>;
export type ConvKnrmConfig = z.output<typeof convKnrm>;

/** The options as a caller gives them. */
export type InteractionOptions = z.input<typeof interactionConfig>;

/** The names of the models. */
export const interactionModels = ["drmm", "knrm", "conv-knrm"] as const satisfies readonly InteractionName[];

/** @param at What an error names. @throws {PropriaError} `OPTION_INVALID`, naming the first option that cannot be. */
export function parseInteraction(given: unknown, at: string): InteractionConfig {
  const { data, error } = interactionConfig.safeParse(given);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, {
    at: [at, path.join(".")].filter(Boolean).join(": "),
    cause: error,
  });
}
