/** Hugging Face's `config.json` to our config and back. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { z } from "zod";
import type { EncoderConfig } from "../config.ts";
import { unreadable } from "./unreadable.ts";

const count = z.number().int().positive();
const share = z.number().min(0).lt(1);

/** The members we read, with the defaults of `transformers`' BertConfig; what cannot change an encoder's output is ignored. */
const bertConfig = z
  .object({
    model_type: z.literal("bert").default("bert"), // Google's own bert_config.json has none
    vocab_size: count,
    hidden_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    intermediate_size: count,
    hidden_act: z.enum(["gelu", "gelu_python"]).default("gelu"), // both are x·Φ(x)
    max_position_embeddings: count.default(512),
    type_vocab_size: count.default(2),
    layer_norm_eps: z.number().positive().default(1e-12),
    hidden_dropout_prob: share.default(0.1),
    attention_probs_dropout_prob: share.default(0.1),
    initializer_range: z.number().nonnegative().default(0.02),
    pad_token_id: z.number().int().nonnegative().nullish(),
    position_embedding_type: z.literal("absolute").default("absolute"),
    is_decoder: z.literal(false).default(false),
  })
  .refine(({ hidden_size, num_attention_heads }) => hidden_size % num_attention_heads === 0, {
    error: "hidden_size is not a multiple of num_attention_heads",
  });

/**
 * Reads `config.json` of a model folder.
 *
 * @throws {PropriaError} `CONFIG_FILE` when it is absent, no JSON, or of an encoder that we do not have: another
 *   `model_type`, an activation other than the exact `gelu`, position embeddings that are not `absolute`.
 */
export async function readConfig(folder: string): Promise<EncoderConfig> {
  const path = join(folder, "config.json");
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw unreadable("CONFIG_FILE", path, cause);
  });
  return parseConfig(text, path);
}

/** The config in the text of a `config.json`; `path` is for the errors, which are `readConfig`'s. */
export function parseConfig(text: string, path: string): EncoderConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PropriaError("CONFIG_FILE", `is not JSON: ${(cause as Error).message}`, {
      at: path,
      mend: "put back the file as it was saved, or copy the model again",
      cause,
    });
  }
  const parsed = bertConfig.safeParse(value);
  if (!parsed.success)
    throw new PropriaError("CONFIG_FILE", parsed.error.issues.map((issue) => explain(issue, value)).join("; "), {
      at: path,
      mend: "only BERT encoders can be read: hidden_act gelu, position_embedding_type absolute",
      cause: parsed.error,
    });
  const hf = parsed.data;
  return {
    vocabSize: hf.vocab_size,
    hiddenSize: hf.hidden_size,
    layers: hf.num_hidden_layers,
    heads: hf.num_attention_heads,
    intermediateSize: hf.intermediate_size,
    maxPositions: hf.max_position_embeddings,
    typeVocabSize: hf.type_vocab_size,
    layerNormEpsilon: hf.layer_norm_eps,
    dropout: hf.hidden_dropout_prob,
    attentionDropout: hf.attention_probs_dropout_prob,
    initializerRange: hf.initializer_range,
    padId: hf.pad_token_id ?? 0,
  };
}

function explain({ path, message }: z.core.$ZodIssue, value: unknown): string {
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  return path.length === 0 ? message : `${path.join(".")} is ${JSON.stringify(found) ?? "absent"}: ${message}`;
}

/** The class of `transformers` that a folder loads as when nothing else is said. */
export type Architecture = "BertModel" | "BertForMaskedLM" | "BertForSequenceClassification";

/**
 * The text of `config.json`, with the members in the order in which `transformers` writes them.
 *
 * @param options `score`: the folder holds a ranking head, which is a classifier of one label to `transformers`.
 */
export function formatConfig(
  config: EncoderConfig,
  architecture: Architecture,
  { score = architecture === "BertForSequenceClassification" }: { score?: boolean } = {},
): string {
  const oneLabel = { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } };
  const hf = {
    architectures: [architecture],
    attention_probs_dropout_prob: config.attentionDropout,
    hidden_act: "gelu",
    hidden_dropout_prob: config.dropout,
    hidden_size: config.hiddenSize,
    ...(score && oneLabel),
    initializer_range: config.initializerRange,
    intermediate_size: config.intermediateSize,
    layer_norm_eps: config.layerNormEpsilon,
    max_position_embeddings: config.maxPositions,
    model_type: "bert",
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    pad_token_id: config.padId,
    position_embedding_type: "absolute",
    tie_word_embeddings: true,
    type_vocab_size: config.typeVocabSize,
    vocab_size: config.vocabSize,
  };
  return `${JSON.stringify(hf, null, 2)}\n`;
}
