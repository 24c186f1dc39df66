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
  /** Reads the corpus in passages of some 90 words instead of whole articles: PROP draws its word sets from the whole document. */
  passages?: boolean;
}

/** The systems of the retrieval tables, in the order of the thesis. */
export const RETRIEVAL_SYSTEMS: readonly PretrainingSystem[] = [
  { system: "MLM", objective: "mlm" },
  { system: "SimCSE", objective: "simcse" },
  { system: "ICT", objective: "ict" },
  { system: "PROP", objective: "prop", passages: true },
  { system: "SEED", objective: "seed" },
  { system: "Condenser", objective: "condenser" },
  { system: "CPDAE_R", objective: "cpdae", options: { variant: "reconstruction-only" } },
  { system: "CPDAE", objective: "cpdae" },
  { system: "COSTA", objective: "costa" },
];

/** The same on two cores: SEED's decoder takes its loss of a quarter of the tokens, drawn anew in each epoch, or it would cost three times what others do. */
export const SMALL_SYSTEMS: readonly PretrainingSystem[] = RETRIEVAL_SYSTEMS.map((system) =>
  system.objective === "seed" ? { ...system, options: { decodedShare: 0.25 } } : system,
);

/** Rows that the encoder reads for one example. */
const ROWS_OF_EXAMPLE: Readonly<Record<string, number>> = {
  ...{ mlm: 1, seed: 1, condenser: 1, costa: 1 },
  ...{ simcse: 2, ict: 2, prop: 2, cpdae: 2 },
};

/** Objectives whose loss is in stages, so that a batch can be computed part by part. */
const IN_STAGES: readonly string[] = ["simcse", "ict", "cpdae", "costa"];

/** Examples to compute at a time for so many rows; undefined where the loss must see the batch whole. */
export const chunkFor = (objective: string, rows: number | undefined): number | undefined =>
  rows === undefined || !IN_STAGES.includes(objective) ? undefined : examplesFor(objective, rows);

/** Examples of a step that reads so many rows. */
export function examplesFor(objective: string, rows: number): number {
  const each = ROWS_OF_EXAMPLE[objective];
  if (each === undefined) throw new Error(`nobody has said how many rows an example of ${objective} has`);
  return Math.max(1, Math.floor(rows / each));
}
