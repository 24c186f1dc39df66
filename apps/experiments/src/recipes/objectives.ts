/**
 * What the pre-training systems are, and what makes them comparable.
 *
 * Equal steps: every system is trained for as many updates, and in each the encoder reads as many rows of as many tokens. A row is a text
 * that goes through the encoder. An objective that reads two texts for an example (ICT: sentence and block; SimCSE: one text twice; CPDAE: two
 * views; PROP: two word sets with a document) gets half as many examples. What heads and decoders compute on top is not counted.
 */
import type { Json } from "../graph/canonical.ts";

/** A pre-training system of a table. */
export interface PretrainingSystem {
  /** As the thesis calls it; its BERT is our MLM. */
  system: string;
  objective: string;
  options?: { readonly [name: string]: Json };
  /** What its training drops, where it cannot do without. */
  dropout?: number;
  /** Reads the corpus in passages of some 90 words instead of whole articles: PROP draws its word sets from the whole document. */
  passages?: boolean;
  /** Of the passages each so-manieth alone: B-PROP runs the encoder over its corpus before it begins. */
  every?: number;
}

/** The systems of the retrieval tables, in the order of the thesis. */
export const RETRIEVAL_SYSTEMS: readonly PretrainingSystem[] = [
  { system: "MLM", objective: "mlm" },
  { system: "SimCSE", objective: "simcse", dropout: 0.1 },
  { system: "ICT", objective: "ict" },
  { system: "PROP", objective: "prop", passages: true },
  { system: "SEED", objective: "seed" },
  { system: "Condenser", objective: "condenser" },
  { system: "CPDAE_R", objective: "cpdae", options: { variant: "reconstruction-only" } },
  { system: "CPDAE", objective: "cpdae" },
  { system: "COSTA", objective: "costa" },
];

const MLM: PretrainingSystem = RETRIEVAL_SYSTEMS[0]!;

/** PROP, and what its options make of it. */
export const propSystem = (system: string, options?: PretrainingSystem["options"]): PretrainingSystem => ({
  ...{ system, objective: "prop", passages: true },
  ...(options && { options }),
});

/** The paper does not say what its random word sets are; this reading is the first of rop-sampling's. */
export const PROP_RANDOM = propSystem("PROP_random", { sampling: "uniformSupport" });

/** Passages are short documents for B-PROP's default of 200 pieces; PROP's is 100. */
const B_PROP: PretrainingSystem = {
  ...{ system: "B-PROP", objective: "b-prop", options: { shortDocumentTokens: 100 } },
  ...{ passages: true, every: 20 },
};

/** The systems of the ranking tables, in the order of the thesis; its BERT is our MLM. */
export const RANKING_SYSTEMS: readonly PretrainingSystem[] = [
  MLM,
  { system: "Transformer_ICT", objective: "transformer-ict" },
  propSystem("PROP"),
  PROP_RANDOM,
  B_PROP,
];

/** The same on whole documents, as at the thesis' own scale: rows are long there, and time is not. */
export const onDocuments = ({ system, objective }: PretrainingSystem): PretrainingSystem => ({ system, objective });

/** Whether the model that comes out has a head that ranks. */
export const ranks = ({ objective, options }: PretrainingSystem): boolean =>
  (objective === "prop" || objective === "b-prop") && options?.rankingWeight !== 0;

/** From a checkpoint without a masked-language-model head, objectives with a loss beside that model's learn by it alone. */
export const withoutFreshHead = (system: PretrainingSystem): PretrainingSystem =>
  WITH_MASKED_WEIGHT.includes(system.objective)
    ? { ...system, options: { ...system.options, maskedWeight: 0 } }
    : system;

const WITH_MASKED_WEIGHT = ["prop", "b-prop", "transformer-ict", "seed", "cpdae", "costa"];

/** The same on two cores: SEED's decoder takes its loss of a quarter of the tokens, drawn anew in each epoch, or it would cost three times what others do. */
export const SMALL_SYSTEMS: readonly PretrainingSystem[] = RETRIEVAL_SYSTEMS.map((system) =>
  system.objective === "seed" ? { ...system, options: { decodedShare: 0.25 } } : system,
);

/** Rows that the encoder reads for one example. */
const ROWS_OF_EXAMPLE: Readonly<Record<string, number>> = {
  ...{ mlm: 1, seed: 1, condenser: 1, costa: 1 },
  ...{ simcse: 2, ict: 2, prop: 2, cpdae: 2, "b-prop": 2, "transformer-ict": 2 },
};

/** Objectives whose loss is in stages, so that a batch can be computed part by part. */
const IN_STAGES: readonly string[] = ["simcse", "ict", "cpdae", "costa", "transformer-ict"];

/** Examples to compute at a time for so many rows; undefined where the loss must see the batch whole. */
export const chunkFor = (objective: string, rows: number | undefined): number | undefined =>
  rows === undefined || !IN_STAGES.includes(objective) ? undefined : examplesFor(objective, rows);

/** Examples of a step that reads so many rows. */
export function examplesFor(objective: string, rows: number): number {
  const each = ROWS_OF_EXAMPLE[objective];
  if (each === undefined) throw new Error(`nobody has said how many rows an example of ${objective} has`);
  return Math.max(1, Math.floor(rows / each));
}
