import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { oracle, temporaryFolder } from "../../test/fixtures.ts";
import { formatConfig, namedConfig, parseConfig, readConfig } from "../index.ts";

const least = {
  vocab_size: 100,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
};

describe("readConfig", () => {
  it("reads what transformers wrote", async () => {
    expect(await readConfig(oracle("tiny-bert"))).toEqual({
      vocabSize: 64,
      hiddenSize: 16,
      layers: 2,
      heads: 2,
      intermediateSize: 32,
      maxPositions: 24,
      typeVocabSize: 2,
      layerNormEpsilon: 1e-12,
      dropout: 0,
      attentionDropout: 0,
      initializerRange: 0.02,
      padId: 0,
    });
  });

  it("says which file is missing", async () => {
    const folder = temporaryFolder();
    await expect(readConfig(folder)).rejects.toThrow(
      `${join(folder, "config.json")}: there is no such file (a model folder holds`,
    );
  });

  it("says which file is no JSON", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "config.json"), "{");
    await expect(readConfig(folder)).rejects.toMatchObject({ code: "CONFIG_FILE", at: join(folder, "config.json") });
  });
});

describe("parseConfig", () => {
  const parse = (changes: object) => parseConfig(JSON.stringify({ ...least, ...changes }), "config.json");

  it("takes BERT's value for what the file leaves out", () => {
    expect(parse({})).toMatchObject({ maxPositions: 512, typeVocabSize: 2, layerNormEpsilon: 1e-12, dropout: 0.1 });
  });

  it.each([
    [{ hidden_act: "gelu_new" }, 'hidden_act is "gelu_new"'],
    [{ hidden_act: "relu" }, 'hidden_act is "relu"'],
    [{ position_embedding_type: "relative_key" }, 'position_embedding_type is "relative_key"'],
    [{ model_type: "roberta" }, 'model_type is "roberta"'],
    [{ is_decoder: true }, "is_decoder is true"],
    [{ hidden_size: "16" }, 'hidden_size is "16"'],
    [{ vocab_size: undefined }, "vocab_size is absent"],
    [{ num_attention_heads: 3 }, "hidden_size is not a multiple of num_attention_heads"],
  ])("refuses %j", (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
  });
});

describe("formatConfig", () => {
  it("is read as the config it was made from", () => {
    const config = namedConfig("mini", { vocabSize: 1234, dropout: 0.2 });
    expect(parseConfig(formatConfig(config, "BertModel"), "config.json")).toEqual(config);
  });

  it("gives the ranking head one label", () => {
    const config = JSON.parse(formatConfig(namedConfig("tiny", { vocabSize: 8 }), "BertForSequenceClassification"));
    expect(Object.keys(config.id2label)).toHaveLength(1);
    const both = JSON.parse(formatConfig(namedConfig("tiny", { vocabSize: 8 }), "BertForMaskedLM", { score: true }));
    expect(both).toMatchObject({ architectures: ["BertForMaskedLM"], id2label: { "0": "LABEL_0" } });
  });
});
