/** How a saved model is to be used, and what decides the numbers that come out. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@propria/tokenizer";
import { readConfig } from "./config-json.ts";
import { type EncodingContract, type Json, readModelCard } from "./contract.ts";
import { readSentenceTransformers } from "./sentence-transformers.ts";
import { unreadable } from "./unreadable.ts";

/**
 * The encoding contract of a model folder: that of `propria.json`, else what sentence-transformers' files state; `undefined` for an encoder
 * that nobody has trained to compare texts. A folder of ours without its `propria.json` has the same contract but for `maxQueryTokens`, which
 * is absent: then queries are cut at `maxTokens`.
 *
 * @throws {PropriaError} `MODEL_CARD`, `SENTENCE_TRANSFORMERS`, `CONFIG_FILE` for files that are not sound or state what we do not have.
 */
export async function readContract(folder: string): Promise<EncodingContract | undefined> {
  const card = await readModelCard(folder);
  if (card?.contract) return card.contract;
  return readSentenceTransformers(folder, await readConfig(folder));
}

/**
 * Everything that decides an encoder's vectors, as a flat record: the contract, a hash of the tokenizer, one of the weights, and what
 * `config.json` says that the weights do not show. Vectors may be compared when their spaces are equal, field by field.
 *
 * The tokenizer's hash is of what it does, not of its files: a `vocab.txt` and a `tokenizer.json` of one vocabulary are the same.
 * The weights' is the sha256 of `model.safetensors`, read in passing. Of the config there are `heads` and `layerNormEpsilon`: its sizes are
 * the tensors' shapes, there is one activation and one kind of positions that can be read, and the rest is for training.
 *
 * @param contract What `readContract` gave, or another that the model is used with.
 * @throws {PropriaError} `SAFETENSORS` when the weights cannot be read, `CONFIG_FILE` when the config cannot; the tokenizer's errors.
 */
export async function encodingSpace(folder: string, contract: EncodingContract): Promise<Record<string, Json>> {
  const fields = Object.entries(contract).filter(([, value]) => value !== undefined) as [string, Json][];
  const { heads, layerNormEpsilon } = await readConfig(folder);
  const weights = await fileHash(join(folder, "model.safetensors"));
  const tokenizer = tokenizerHash(await Tokenizer.load(folder));
  return { ...Object.fromEntries(fields), tokenizer, weights, heads, layerNormEpsilon };
}

/** sha256 of what a tokenizer does, whatever file it was read from: tokenizers of equal hashes give equal ids to every text. */
export function tokenizerHash(tokenizer: Tokenizer): string {
  const { tokens, addedTokens, outside, text, longestWord } = tokenizer.definition;
  const { lowercase, stripAccents, cleanText, splitIdeographs } = text;
  const effect = [
    tokens,
    [...new Set(addedTokens)].sort(),
    [...outside].sort(),
    [lowercase, stripAccents, cleanText, splitIdeographs],
    longestWord,
  ];
  return createHash("sha256").update(JSON.stringify(effect)).digest("hex");
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw unreadable("SAFETENSORS", path, cause as NodeJS.ErrnoException);
  }
  return hash.digest("hex");
}
