/**
 * The files beside a model that say to sentence-transformers how a text becomes a vector, as our encoding contract.
 *
 * Its versions 2 to 6 are read: their modules' paths differ (`sentence_transformers.models.Pooling`, today
 * `sentence_transformers.sentence_transformer.modules.pooling.Pooling`), their pooling is written as one mode or as a flag for each, and since
 * version 6 the longest input is the tokenizer's `model_max_length`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { z } from "zod";
import type { EncodingContract } from "./contract.ts";

const modulesSchema = z.array(z.object({ path: z.string(), type: z.string() })).min(1);

const transformerSchema = z.object({
  max_seq_length: z.number().int().positive().nullish(),
  do_lower_case: z.boolean().default(false),
});

/** Old flags, in the order in which sentence-transformers puts several poolings beside one another. */
export const POOLING_FLAGS = {
  pooling_mode_cls_token: "cls",
  pooling_mode_max_tokens: "max",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  pooling_mode_weightedmean_tokens: "weightedmean",
  pooling_mode_lasttoken: "lasttoken",
} as const;

const poolingSchema = z
  .object({
    pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
    include_prompt: z.boolean().default(true),
  })
  .catchall(z.unknown());

const modelSchema = z.object({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
  similarity_fn_name: z.string().nullish(),
  truncate_dim: z.number().nullish(),
});

const tokenizerSchema = z.object({
  model_max_length: z.number().positive().optional(), // 10³⁰ where nobody said anything
  do_lower_case: z.boolean().optional(),
});

const DOCUMENT_PROMPTS = ["document", "passage", "corpus"]; // the first that is not empty

/**
 * The contract that sentence-transformers' files in a folder state; `undefined` where there is no `modules.json`.
 *
 * The query's prompt is `query`, a document's the first of `document`, `passage` and `corpus` that is not empty (version 6.2 has an empty
 * `document` in every model, so its `encode_document` never comes to the others). Its `encode_query` and `encode_document` never take the prompt
 * of `default_prompt_name`, an empty one of their own being one, and its `encode` takes it for every text: of a side without a prompt that says
 * two things, so it is refused. A model that names no similarity is compared by cosine.
 * `tokenizer.json` may say to cut at another length (128 in all-MiniLM-L6-v2): that does not count.
 *
 * @param maxPositions The encoder's: nothing longer can be read.
 * @throws {PropriaError} `SENTENCE_TRANSFORMERS` for files that are not sound, and for what we do not have: modules other than
 *   Transformer, Pooling and Normalize, other poolings than cls and mean, other similarities than cosine and dot, a default prompt where a
 *   side has none.
 */
export async function readSentenceTransformers(
  folder: string,
  { maxPositions }: { maxPositions: number },
): Promise<EncodingContract | undefined> {
  const modules = await readJson(join(folder, "modules.json"), modulesSchema);
  if (!modules) return undefined;
  const { pooling: poolingPath, transformer: transformerPath, normalize } = checkedModules(modules, folder);
  const pooling = await readPooling(join(folder, poolingPath, "config.json"));
  const modelPath = join(folder, "config_sentence_transformers.json");
  const model = (await readJson(modelPath, modelSchema)) ?? {};
  if (typeof model.truncate_dim === "number")
    throw unknown(modelPath, `truncate_dim is ${model.truncate_dim}`, "embeddings are used in their full width");

  const prefixes = prefixesOf(model, modelPath);
  if (!pooling.includesPrompt && (prefixes.queryPrefix || prefixes.documentPrefix))
    throw unknown(
      join(folder, poolingPath, "config.json"),
      "include_prompt is false",
      "a prompt is pooled like any text",
    );
  return {
    texts: "single",
    maxTokens: await longestInput(folder, transformerPath, maxPositions),
    ...prefixes,
    pooling: pooling.mode,
    normalize,
    similarity: similarityOf(model.similarity_fn_name ?? "cosine", modelPath),
  };
}

function prefixesOf({ prompts: stated, default_prompt_name: byDefault }: z.output<typeof modelSchema>, at: string) {
  const prompts: Record<string, string | null> = { query: "", document: "", ...stated }; // those two are in every model
  const own = {
    query: prompts.query ?? "",
    document: DOCUMENT_PROMPTS.map((name) => prompts[name]).find((prompt) => prompt) ?? "",
  };
  if (typeof byDefault === "string") {
    if (!Object.hasOwn(prompts, byDefault)) throw unsound(at, `default_prompt_name: prompts has no ${byDefault}`);
    const without = (["query", "document"] as const).filter((side) => !own[side]);
    if (prompts[byDefault] && without.length > 0)
      throw unknown(
        at,
        `default_prompt_name is ${byDefault}, without a prompt for ${without.join(" and ")}: encode() puts the default one before a text, ` +
          `${without.map((side) => `encode_${side}()`).join(" and ")} none`,
        "set it to null, and say in prompts what each is to have",
      );
  }
  return { queryPrefix: own.query, documentPrefix: own.document };
}

function checkedModules(modules: z.output<typeof modulesSchema>, folder: string) {
  const kinds = modules.map(({ type }) => type.split(".").at(-1)!);
  const [transformer, pooling] = modules;
  const normalize = kinds.slice(2).every((kind) => kind === "Normalize");
  if (kinds[0] !== "Transformer" || kinds[1] !== "Pooling" || !normalize)
    throw unknown(
      join(folder, "modules.json"),
      `the modules are ${kinds.join(", ")}`,
      "Transformer, Pooling, Normalize",
    );
  return { transformer: transformer!.path, pooling: pooling!.path, normalize: kinds.length > 2 };
}

async function readPooling(path: string): Promise<{ mode: "cls" | "mean"; includesPrompt: boolean }> {
  const config = await readJson(path, poolingSchema);
  if (!config) throw unsound(path, "is not there");
  const flagged = Object.entries(POOLING_FLAGS).flatMap(([flag, mode]) => (config[flag] === true ? [mode] : []));
  const modes = config.pooling_mode === undefined ? flagged : [config.pooling_mode].flat();
  const mode = modes.length === 0 ? "mean" : modes.join(" + "); // its default
  if (mode !== "cls" && mode !== "mean") throw unknown(path, `the pooling is ${mode}`, "cls and mean can be read");
  return { mode, includesPrompt: config.include_prompt };
}

/** What is stated for the transformer, else for its tokenizer, else what the encoder has positions for. */
async function longestInput(folder: string, path: string, maxPositions: number): Promise<number> {
  const at = join(folder, path, "sentence_bert_config.json");
  const stated = await readJson(at, transformerSchema);
  const tokenizer = await readJson(join(folder, path, "tokenizer_config.json"), tokenizerSchema);
  if (stated?.do_lower_case && tokenizer?.do_lower_case === false)
    // absent, it is true
    throw unknown(at, "do_lower_case is true, and the tokenizer's is false", "set it in tokenizer_config.json");
  return Math.min(stated?.max_seq_length ?? tokenizer?.model_max_length ?? maxPositions, maxPositions);
}

function similarityOf(name: string, at: string): "cosine" | "dot" {
  if (name === "cosine" || name === "dot") return name;
  throw unknown(at, `similarity_fn_name is ${name}`, "cosine and dot can be read");
}

/** A JSON file's content; `undefined` where there is no such file. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw unsound(path, `cannot be read: ${cause.message}`, cause);
  });
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unsound(path, `is not JSON: ${(cause as Error).message}`, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unsound(path, `${issue!.path.join(".") || "the file"}: ${issue!.message}`, parsed.error);
  }
  return parsed.data;
}

const unsound = (at: string, what: string, cause?: unknown) =>
  new PropriaError("SENTENCE_TRANSFORMERS", what, {
    at,
    mend: "save the model again with sentence-transformers",
    cause,
  });

const unknown = (at: string, what: string, mend: string) =>
  new PropriaError("SENTENCE_TRANSFORMERS", `cannot be reproduced: ${what}`, { at, mend });
