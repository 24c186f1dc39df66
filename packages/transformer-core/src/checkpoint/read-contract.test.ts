import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { oracleJson, temporaryFolder } from "../../test/fixtures.ts";
import {
  type EncodingContract,
  encodingSpace,
  formatConfig,
  initialize,
  namedConfig,
  readContract,
  readHeads,
  saveModel,
} from "../index.ts";

type Files = Record<string, unknown>;

const saved = oracleJson<Record<string, Files>>("sentence-transformers.json");
const applied = oracleJson<Record<string, Record<"encode" | "encode_query" | "encode_document", string>>>(
  "sentence-transformers-prompts.json",
);
const config = { ...namedConfig("tiny", { vocabSize: 8, maxPositions: 64 }), layers: 1, hiddenSize: 8, heads: 2 };
const pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s"];

/** Files as the first versions of sentence-transformers wrote them. */
const old: Files = {
  "modules.json": [
    { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
    { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
    { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
  ],
  "sentence_bert_config.json": { max_seq_length: 48, do_lower_case: false },
  "1_Pooling/config.json": {
    word_embedding_dimension: 8,
    pooling_mode_cls_token: false,
    pooling_mode_mean_tokens: true,
  },
  "config.json": JSON.parse(formatConfig(config, "BertModel")),
};

function folderOf(files: Files): string {
  const folder = temporaryFolder();
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof value === "string" ? value : JSON.stringify(value));
  }
  return folder;
}

const single: EncodingContract = {
  texts: "single",
  maxTokens: 24,
  queryPrefix: "",
  documentPrefix: "",
  pooling: "cls",
  normalize: false,
  similarity: "dot",
};

const model = (contract?: EncodingContract) => ({
  config,
  parameters: initialize(config, {}, seeded(1)),
  tokenizer: Tokenizer.fromVocabulary(pieces),
  provenance: {},
  ...(contract && { contract }),
});

describe("readContract", () => {
  it.each<[string, Partial<EncodingContract>]>([
    ["cls", {}],
    [
      "mean-normalized",
      {
        pooling: "mean",
        normalize: true,
        similarity: "cosine",
        maxTokens: 20, // the tokenizer's model_max_length: version 6 has no max_seq_length
        queryPrefix: "query: ",
        documentPrefix: "passage: ",
      },
    ],
  ])("reads what sentence-transformers 6.2 saved: %s", async (name, expected) => {
    expect(await readContract(folderOf(saved[name]!))).toEqual({ ...single, ...expected });
  });

  it("reads the files of older versions, whatever length the tokenizer's files name", async () => {
    const truncating = { truncation: { max_length: 16, strategy: "LongestFirst", stride: 0 } };
    const files = { ...old, "tokenizer.json": truncating, "tokenizer_config.json": { model_max_length: 32 } };
    const expected = { ...single, maxTokens: 48, pooling: "mean", normalize: true, similarity: "cosine" };
    expect(await readContract(folderOf(files))).toEqual(expected);
  });

  it("takes no longer texts than there are positions", async () => {
    const long = { "sentence_bert_config.json": { max_seq_length: 512 } };
    expect((await readContract(folderOf({ ...old, ...long })))?.maxTokens).toBe(64);
    const unsaid = { "sentence_bert_config.json": {}, "tokenizer_config.json": { model_max_length: 1e30 } };
    expect((await readContract(folderOf({ ...old, ...unsaid })))?.maxTokens).toBe(64);
  });

  it.each([
    ["max", "1_Pooling/config.json: cannot be reproduced: the pooling is max (cls and mean can be read)"],
    ["cls-and-mean", "the pooling is cls + mean (cls and mean can be read)"],
    ["euclidean", "similarity_fn_name is euclidean (cosine and dot can be read)"],
    ["prompt-not-pooled", "include_prompt is false (a prompt is pooled like any text)"],
    ["truncated", "truncate_dim is 4 (embeddings are used in their full width)"],
    [
      "default-prompt-of-both-sides",
      "default_prompt_name is text, without a prompt for query and document: encode() puts the default one before a text, encode_query() and encode_document() none",
    ],
    [
      "default-prompt-of-queries",
      "default_prompt_name is query, without a prompt for document: encode() puts the default one before a text, encode_document() none (set it to null, ",
    ],
  ])("refuses what sentence-transformers has and we have not: %s", async (name, message) => {
    const reading = readContract(folderOf(saved[name]!));
    await expect(reading).rejects.toMatchObject({
      code: "SENTENCE_TRANSFORMERS",
      message: expect.stringContaining(message),
    });
  });

  it.each(Object.entries(applied))(
    "goes by a default prompt only where sentence-transformers always does: %s",
    async (name, there) => {
      const { encode, encode_query, encode_document } = there;
      const reading = readContract(folderOf(saved[name]!));
      const oneAnswer = [encode_query, encode_document].every((own) => own !== "" || encode === "");
      if (oneAnswer)
        expect(await reading).toMatchObject({ queryPrefix: encode_query, documentPrefix: encode_document });
      else await expect(reading).rejects.toThrow("set it to null, and say in prompts what each is to have");
    },
  );

  it.each<[Files, string]>([
    [
      {
        "modules.json": [
          ...(old["modules.json"] as []),
          { path: "3_Dense", type: "sentence_transformers.models.Dense" },
        ],
      },
      "the modules are Transformer, Pooling, Normalize, Dense (Transformer, Pooling, Normalize)",
    ],
    [
      { "modules.json": [{ path: "", type: "sentence_transformers.models.Transformer" }] },
      "the modules are Transformer",
    ],
    [
      { "1_Pooling/config.json": { pooling_mode_mean_tokens: true, pooling_mode_lasttoken: true } },
      "the pooling is mean + lasttoken",
    ],
    [
      { "sentence_bert_config.json": { do_lower_case: true }, "tokenizer_config.json": { do_lower_case: false } },
      "do_lower_case is true, and the tokenizer's is false",
    ],
    [
      { "config_sentence_transformers.json": { prompts: { query: "q: " }, default_prompt_name: "text" } },
      "config_sentence_transformers.json: default_prompt_name: prompts has no text",
    ],
    [{ "modules.json": "[" }, "modules.json: is not JSON"],
    [{ "modules.json": {} }, "modules.json: the file: Invalid input"],
    [{ "sentence_bert_config.json": { max_seq_length: "48" } }, "sentence_bert_config.json: max_seq_length: "],
  ])("refuses %j", async (files, message) => {
    await expect(readContract(folderOf({ ...old, ...files }))).rejects.toMatchObject({
      code: "SENTENCE_TRANSFORMERS",
      message: expect.stringContaining(message),
    });
  });

  it("says which file is missing", async () => {
    const { "1_Pooling/config.json": _, ...lacking } = old;
    await expect(readContract(folderOf(lacking))).rejects.toThrow("1_Pooling/config.json: is not there");
  });

  it("gives nothing for a bare BERT", async () => {
    expect(await readContract(folderOf({ "config.json": old["config.json"] }))).toBeUndefined();
  });

  it.each<[string, EncodingContract]>([
    ["cls", single],
    [
      "mean, normalised, with prompts",
      { ...single, pooling: "mean", normalize: true, similarity: "cosine", queryPrefix: "q: ", documentPrefix: "d: " },
    ],
  ])("reads from sentence-transformers' files what was written into them: %s", async (_, contract) => {
    const folder = join(temporaryFolder(), "model");
    await saveModel(folder, model(contract));
    expect(await readContract(folder)).toEqual(contract);
    rmSync(join(folder, "propria.json"));
    expect(await readContract(folder)).toEqual(contract);
  });

  it("reads from sentence-transformers' files all but the length of queries, which they cannot say", async () => {
    const folder = join(temporaryFolder(), "model");
    await saveModel(folder, model({ ...single, maxQueryTokens: 6, queryPrefix: "q: " }));
    expect(await readContract(folder)).toEqual({ ...single, maxQueryTokens: 6, queryPrefix: "q: " });
    rmSync(join(folder, "propria.json"));
    expect(await readContract(folder)).toEqual({ ...single, queryPrefix: "q: " });
  });

  it("goes by propria.json where both are", async () => {
    const folder = join(temporaryFolder(), "model");
    await saveModel(folder, model(single));
    writeFileSync(join(folder, "sentence_bert_config.json"), JSON.stringify({ max_seq_length: 7 }));
    expect((await readContract(folder))?.maxTokens).toBe(24);
  });
});

describe("encodingSpace", () => {
  const space = async (contract: EncodingContract, prepare = (_folder: string): Promise<void> => Promise.resolve()) => {
    const folder = join(temporaryFolder(), "model");
    await saveModel(folder, model(contract));
    await prepare(folder);
    return encodingSpace(folder, contract);
  };

  const editConfig = async (folder: string, changes: Files) => {
    const path = join(folder, "config.json");
    await writeFile(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...changes }));
  };

  it("is the contract, the tokenizer, the weights and what else the config decides, flat", async () => {
    const { tokenizer, weights, heads, layerNormEpsilon, ...contract } = await space(single);
    expect(contract).toEqual(single);
    expect({ heads, layerNormEpsilon }).toEqual({ heads: 2, layerNormEpsilon: 1e-12 });
    expect([tokenizer, weights]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });

  it("does not depend on how the vocabulary is written", async () => {
    const asText = await space(single, async (folder) => {
      rmSync(join(folder, "tokenizer.json"), { force: true });
      rmSync(join(folder, "tokenizer_config.json"), { force: true });
      await writeFile(join(folder, "vocab.txt"), `${pieces.join("\n")}\n`);
    });
    const asJson = await space(single, async (folder) => rmSync(join(folder, "vocab.txt"), { force: true }));
    expect(asText).toEqual(asJson);
  });

  it("is another for other weights and another tokenizer", async () => {
    const first = await space(single);
    const weights = await space(single, async (folder) => {
      const path = join(folder, "model.safetensors");
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    });
    expect(weights).toEqual({ ...first, weights: expect.not.stringMatching(first.weights as string) });
    const cased = await space(single, (folder) => Tokenizer.fromVocabulary(pieces, { lowercase: false }).save(folder));
    expect(cased).toEqual({ ...first, tokenizer: expect.not.stringMatching(first.tokenizer as string) });
  });

  it.each([
    ["num_attention_heads", 4, "heads"],
    ["layer_norm_eps", 1e-5, "layerNormEpsilon"],
  ])("is another in one field where config.json has another %s", async (member, value, field) => {
    const edited = await space(single, (folder) => editConfig(folder, { [member]: value }));
    expect(edited).toEqual({ ...(await space(single)), [field]: value });
  });

  it("does not depend on what the config says for training, nor on how it names the activation", async () => {
    const changes = { hidden_dropout_prob: 0.3, initializer_range: 0.1, hidden_act: "gelu_python" };
    expect(await space(single, (folder) => editConfig(folder, changes))).toEqual(await space(single));
  });

  it("says which weights are missing", async () => {
    await expect(space(single, async (folder) => rmSync(join(folder, "model.safetensors")))).rejects.toMatchObject({
      code: "SAFETENSORS",
      at: expect.stringContaining("model.safetensors"),
    });
  });
});

describe("readHeads", () => {
  it("reads what was saved beside the model, and nothing where nothing was", async () => {
    const folder = temporaryFolder();
    const heads = { "projector.weight": { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } };
    await saveModel(join(folder, "with"), { ...model(), heads });
    await saveModel(join(folder, "without"), { ...model(), heads: {} });
    expect(await readHeads(join(folder, "with"))).toEqual(heads);
    expect(await readHeads(join(folder, "without"))).toEqual({});
    expect(
      readFileSync(join(folder, "with/model.safetensors")).equals(
        readFileSync(join(folder, "without/model.safetensors")),
      ),
    ).toBe(true);
  });
});
