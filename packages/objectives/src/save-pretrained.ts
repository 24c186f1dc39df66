/** What a pre-training leaves: the folder of a model, or of an adapter of one. */
import { join } from "node:path";
import { type Adapting, writeAdapterFiles } from "@propria/adapters";
import { writeFileAtomically } from "@propria/base";
import type { Backend } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import {
  type EncoderConfig,
  type EncodingContract,
  formatModelCard,
  type HostParameters,
  type Inits,
  type Provenance,
  writeHeads,
  writeModelFiles,
} from "@propria/transformer-core";
import type { Embedding } from "./define-objective.ts";
import { savedParameters } from "./starting-weights.ts";

/** A trained encoder, and how it was trained. */
export interface Pretrained {
  config: EncoderConfig;
  tokenizer: Tokenizer;
  /** All parameters: the encoder's, the heads', and the adapter's where there is one. */
  values: HostParameters;
  /** The objective's. */
  heads: Inits;
  embedding: Embedding | undefined;
  maxTokens: number;
  provenance: object;
  /** Where an adapter was trained: the model that it stands on, as it was before and after. */
  adapted?: { adapting: Adapting; base: HostParameters; baseFolder: string; backend: Backend };
}

/**
 * Writes a model's files, or an adapter's two with those heads in them that the model's weights would have; `heads.safetensors` and `propria.json` either way.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS`, `DISK`.
 */
export async function savePretrained(
  out: string,
  { config, tokenizer, values, heads, embedding, maxTokens, provenance, adapted }: Pretrained,
): Promise<void> {
  const saved = savedParameters(values, heads);
  const card = { ...contractOf(heads, embedding, maxTokens), provenance: provenance as Provenance };
  if (!adapted) return writeModelFiles(out, { config, tokenizer, ...saved, ...card });
  const { adapting, base, ...where } = adapted;
  const among = (all: HostParameters, areTrained: boolean): HostParameters =>
    Object.fromEntries(Object.entries(all).filter(([name]) => adapting.heads.includes(name) === areTrained));
  await writeAdapterFiles(out, {
    ...{ attachment: adapting.attachment, parameters: values, ...where },
    ...{ base: among(base, false), heads: among(saved.parameters, true) },
  });
  await writeHeads(out, saved.heads);
  await writeFileAtomically(join(out, "propria.json"), formatModelCard(card));
}

/** A model that was trained with a ranking head scores pairs from the start; one whose objective taught embeddings has those. */
function contractOf(
  heads: Inits,
  embedding: Embedding | undefined,
  maxTokens: number,
): { contract?: EncodingContract } {
  const input = { maxTokens, queryPrefix: "", documentPrefix: "" };
  if (Object.hasOwn(heads, "classifier.weight"))
    return { contract: { texts: "pair", ...input, pooling: "pooler", normalize: false, similarity: "head" } };
  return embedding ? { contract: { texts: "single", ...input, normalize: false, ...embedding } } : {};
}
