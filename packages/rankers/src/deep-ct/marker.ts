/** How a folder says that its model gives term weights, and nothing else. */
import { PropriaError } from "@propria/base";
import type { ModelCard } from "@propria/transformer-core";

/** The objective in the provenance of `propria.json`. */
export const OBJECTIVE = "deep-ct";

const givesTermWeights = (card: ModelCard | undefined): boolean => card?.provenance.objective === OBJECTIVE;

/**
 * Refuses a model of term weights where one of another kind is wanted.
 *
 * @throws {PropriaError} `code`.
 */
export function refuseTermWeights(card: ModelCard | undefined, folder: string, code: string): void {
  if (!givesTermWeights(card)) return;
  throw new PropriaError(code, "this model gives weights to words (DeepCT), not vectors or scores to texts", {
    at: folder,
    mend: "weigh documents with it",
  });
}

/**
 * Refuses a model of another kind.
 *
 * @throws {PropriaError} `NOT_TERM_WEIGHTS`.
 */
export function requireTermWeights(card: ModelCard | undefined, folder: string): void {
  if (givesTermWeights(card)) return;
  throw new PropriaError("NOT_TERM_WEIGHTS", "this model gives no term weights", {
    at: folder,
    mend: "train one from it with trainTermWeights",
  });
}
