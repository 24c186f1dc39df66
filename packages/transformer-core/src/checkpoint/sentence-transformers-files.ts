/** Our encoding contract as the files that say to sentence-transformers how a text becomes a vector. */
import type { EncodingContract } from "./contract.ts";
import { POOLING_FLAGS } from "./sentence-transformers.ts";

/**
 * The files for a contract, by path in the model folder: none for one that sentence-transformers cannot keep (pairs of texts, the pooler).
 * They have the old modules' paths, which all its versions load.
 *
 * They have one length for both sides, so `maxQueryTokens` is lost. Whoever reads the folder without `propria.json`, sentence-transformers
 * among them, cuts queries where documents are cut, at `maxTokens`, and gives other vectors to queries that are longer than `maxQueryTokens`.
 */
export function sentenceTransformersFiles(contract: EncodingContract, hiddenSize: number): Record<string, string> {
  const { texts, pooling, similarity, maxTokens, normalize, queryPrefix, documentPrefix } = contract;
  if (texts !== "single" || pooling === "pooler" || similarity === "head") return {};
  const kinds = ["Transformer", "Pooling", ...(normalize ? ["Normalize"] : [])];
  const modules = kinds.map((kind, idx) => ({
    idx,
    name: `${idx}`,
    path: idx === 0 ? "" : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  }));
  const flags = Object.entries(POOLING_FLAGS).slice(0, 4); // those that version 2.0 knows
  const poolingConfig = {
    word_embedding_dimension: hiddenSize,
    ...Object.fromEntries(flags.map(([flag, mode]) => [flag, mode === pooling])),
  };
  const model = {
    __version__: {},
    prompts: { query: queryPrefix, document: documentPrefix },
    default_prompt_name: null,
    similarity_fn_name: similarity,
  };
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "1_Pooling/config.json": text(poolingConfig),
    ...(normalize && { "2_Normalize/config.json": text({}) }),
    "sentence_bert_config.json": text({ max_seq_length: maxTokens, do_lower_case: false }),
    "config_sentence_transformers.json": text(model),
    "modules.json": text(modules),
  };
}
