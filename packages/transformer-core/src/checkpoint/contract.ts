/** `propria.json`: how texts become inputs and scores of a model, and where its weights come from. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { z } from "zod";

const contractSchema = z.strictObject({
  texts: z.enum(["single", "pair"]).describe("[CLS] text [SEP], or [CLS] query [SEP] document [SEP]"),
  maxTokens: z.number().int().positive().describe("longest input, special tokens included"),
  maxQueryTokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("longest query, its prefix included, special tokens not; where absent, a single text has maxTokens"),
  queryPrefix: z.string().default(""),
  documentPrefix: z.string().default(""),
  pooling: z.enum(["cls", "mean", "pooler"]),
  normalize: z.boolean().default(false).describe("embeddings of length 1"),
  similarity: z.enum(["dot", "cosine", "head"]).describe("head: the ranking head's score"),
});

/**
 * How a text, or a query and a document, become the model's input, and its output a score. Two models with another
 * contract give numbers that may not be compared, so it travels with vectors and indexes, in their space (`encodingSpace`).
 *
 * `maxQueryTokens` is of `propria.json` alone: the files of sentence-transformers have one length for queries and documents.
 */
export type EncodingContract = z.output<typeof contractSchema>;

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** Anything JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const provenanceSchema = z
  .object({
    program: z.string().optional().describe("name and version of what wrote the folder"),
    objective: z.string().optional(),
    options: json.optional(),
    corpusHash: z.string().optional().describe("sha256 over the documents"),
    seed: z.number().int().optional(),
    steps: z.number().int().optional(),
  })
  .catchall(json);

/** Where weights come from: objective, options, corpus, seed, steps, and whatever else is known. */
export type Provenance = z.output<typeof provenanceSchema>;

const FORMAT = 1;
const FILE = "propria.json";

const modelCardSchema = z.strictObject({
  format: z.literal(FORMAT),
  contract: contractSchema.optional(),
  contractHash: z.string().optional(),
  provenance: provenanceSchema,
});

/** What `propria.json` holds. The contract is absent from an encoder that nothing has been trained to score with. */
export interface ModelCard {
  contract?: EncodingContract | undefined;
  provenance: Provenance;
}

/**
 * sha256 of the contract, hexadecimal; keys in alphabetical order, so that their order in a file does not matter. `propria.json` holds it beside
 * the contract, and `readModelCard` refuses a card whose hash is another: whoever writes that file without `saveModel` needs it.
 */
export function contractHash(contract: EncodingContract): string {
  const entries = Object.entries(contract).filter(([, value]) => value !== undefined);
  const sorted = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}

/** The text of `propria.json`. */
export function formatModelCard({ contract, provenance }: ModelCard): string {
  const hashed = contract && { contract, contractHash: contractHash(contract) };
  return `${JSON.stringify({ format: FORMAT, ...hashed, provenance }, null, 2)}\n`;
}

/**
 * Reads `propria.json` of a model folder; `undefined` where there is none, as in a folder from Python.
 *
 * @throws {PropriaError} `MODEL_CARD` for one that is no JSON, lacks a member, or whose hash is not its contract's.
 */
export async function readModelCard(folder: string): Promise<ModelCard | undefined> {
  const path = join(folder, FILE);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new PropriaError("MODEL_CARD", `cannot be read: ${cause.message}`, { at: path, cause });
  });
  if (text === undefined) return undefined;
  const { contract, contractHash: hash, provenance } = parse(text, path);
  if (contract && hash !== contractHash(contract))
    throw new PropriaError("MODEL_CARD", "contractHash is not that of the contract", {
      at: path,
      mend: "the contract was edited by hand; train or export the model again",
    });
  return { contract, provenance };
}

function parse(text: string, path: string): z.output<typeof modelCardSchema> {
  try {
    return modelCardSchema.parse(JSON.parse(text));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new PropriaError("MODEL_CARD", what, { at: path, cause });
  }
}
