/** The options of a bi-encoder's fine-tuning, checked, and what they make of the model. */
import { PropriaError } from "@propria/base";
import type { EncodingContract } from "@propria/transformer-core";
import { z } from "zod";
import { checkedOptions, fineTuningOptions } from "../fine-tuning.ts";
import { SPECIAL_TOKENS } from "./text-input.ts";

const count = z.int().positive();

/** The options that decide what is learnt, with their defaults. */
export const trainingOptions = z.object({
  ...fineTuningOptions({ batch: 8, learningRate: 5e-6 }),
  negativesDepth: count.optional(),
  keep: count.default(30),
  groupSize: count.optional(),
  positives: z.enum(["one", "each"]).default("one"),
  pooling: z.enum(["cls", "mean"]).optional(),
  similarity: z.enum(["dot", "cosine"]).optional(),
  temperature: z.number().positive().optional(),
  symmetric: z.boolean().default(false),
  falseNegatives: z.enum(["mask", "keep"]).default("mask"),
  distill: z
    .strictObject({
      run: z.string(),
      loss: z.enum(["marginMse", "kl"]),
      weight: z.number().positive().max(1).default(1),
    })
    .optional(),
  queryPrefix: z.string().optional(),
  documentPrefix: z.string().optional(),
  queryTokens: z
    .int()
    .min(SPECIAL_TOKENS + 1)
    .optional(),
  maxTokens: z
    .int()
    .min(SPECIAL_TOKENS + 1)
    .default(128),
  chunk: z.union([count, z.object({ tokens: count })]).optional(),
  weightDecay: z.number().min(0).default(0),
  remainder: z.enum(["drop", "train"]).default("drop"),
});

/** The options with their defaults. */
export type Settings = z.output<typeof trainingOptions> & { groupSize: number; queryTokens: number };

const DEFAULT_QUERY_TOKENS = 32; // of MS MARCO's queries

/**
 * Fills in what was left out: of the group size what the negatives ask for, of the longest query no more than the longest passage.
 *
 * @param training The options, among whatever else.
 * @throws {PropriaError} `OPTION_INVALID`, naming the first that cannot be.
 */
export function settingsOf(training: { negatives?: unknown }): Settings {
  const data = checkedOptions(trainingOptions, training);
  const inBatch = training.negatives === "in-batch";
  if (inBatch && (data.groupSize ?? 1) > 1)
    throw invalid("groupSize", "with in-batch negatives alone a query has one passage, its positive");
  const groupSize = data.groupSize ?? (inBatch ? 1 : 8);
  if (data.distill && groupSize === 1)
    throw invalid("distill", "a teacher's scores are learnt within a group, expected a group size of 2 or more");
  if (groupSize === 1 && data.batch === 1) throw invalid("batch", "one query alone has no negatives");
  const { maxTokens, queryTokens = Math.min(DEFAULT_QUERY_TOKENS, maxTokens) } = data;
  if (queryTokens > maxTokens)
    throw invalid("queryTokens", `expected at most maxTokens, which is ${maxTokens}, found ${queryTokens}`);
  return { ...data, groupSize, queryTokens };
}

const invalid = (option: string, what: string) =>
  new PropriaError("OPTION_INVALID", what, { at: `fine-tuning: ${option}` });

/**
 * How the trained model encodes: what the options say, else what `init` says, else CLS and dot product. A similarity that is asked for
 * decides the normalisation too; one that `init` has keeps its vectors' length, be it 1 under dot product.
 *
 * @throws {PropriaError} `OPTION_INVALID` for a length that the encoder has no positions for, and for an `init` whose vectors are its
 *   pooler's, which is not trained here, when no pooling is asked for.
 */
export function contractOf(
  settings: Settings,
  said: EncodingContract | undefined,
  maxPositions: number,
): EncodingContract {
  const known = said?.texts === "single" && said.similarity !== "head" ? said : undefined;
  const similarity = settings.similarity ?? (known?.similarity as "dot" | "cosine" | undefined) ?? "dot";
  const pooling = settings.pooling ?? known?.pooling ?? "cls";
  if (pooling === "pooler")
    throw invalid("pooling", "the start pools with its pooler, expected cls or mean to be asked for");
  const { queryTokens, maxTokens } = settings;
  for (const [name, tokens] of Object.entries({ queryTokens, maxTokens }))
    if (tokens > maxPositions) throw invalid(name, `the encoder has ${maxPositions} positions, found ${tokens}`);
  return {
    texts: "single",
    maxTokens,
    ...(queryTokens < maxTokens && { maxQueryTokens: queryTokens - SPECIAL_TOKENS }),
    queryPrefix: settings.queryPrefix ?? known?.queryPrefix ?? "",
    documentPrefix: settings.documentPrefix ?? known?.documentPrefix ?? "",
    pooling,
    normalize: similarity === "cosine" || (settings.similarity === undefined && known?.normalize === true),
    similarity,
  };
}

const UNIT_TEMPERATURE = 0.05; // sentence-transformers' scale of 20

/** What the scores are divided by: as told, else as suits vectors of length 1, or others. */
export const temperatureOf = ({ temperature }: Settings, { normalize }: EncodingContract): number =>
  temperature ?? (normalize ? UNIT_TEMPERATURE : 1);
