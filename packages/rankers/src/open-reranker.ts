/** Whatever model a folder holds that scores a document for a query. */
import { interactionIn, openInteraction } from "./interaction/open-interaction.ts";
import { type OpenOptions, openCrossEncoder } from "./open-cross-encoder.ts";
import type { Reranker } from "./reranker.ts";

/** A model to re-rank with, and what to call its runs. */
export interface OpenedReranker {
  model: Reranker;
  /** `cross-encoder`, `drmm`, `knrm` or `conv-knrm`. */
  name: string;
}

/**
 * Opens a DRMM, K-NRM or Conv-KNRM, or else a cross-encoder.
 *
 * @throws {PropriaError} What `openInteraction` and `openCrossEncoder` throw.
 */
export async function openReranker(folder: string, options: OpenOptions = {}): Promise<OpenedReranker> {
  const name = await interactionIn(folder);
  if (name === undefined)
    return { model: (await openCrossEncoder(folder, options)) as Reranker, name: "cross-encoder" };
  return { model: await openInteraction(folder, options), name };
}
