/**
 * What we save, loaded by sentence-transformers, and what it saves, loaded by us. PROPRIA_PYTHON names an interpreter that has it
 * (6.2.0); PROPRIA_MINILM a folder with all-MiniLM-L6-v2.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { largestDifference, type Matrix, oracle, rows, temporaryFolder } from "../../test/fixtures.ts";
import {
  clsPooling,
  type EncodingContract,
  encode,
  initialize,
  loadCheckpoint,
  meanPooling,
  namedConfig,
  readContract,
  saveModel,
} from "../index.ts";

const python = process.env.PROPRIA_PYTHON;
const minilm = process.env.PROPRIA_MINILM;

const pieces = "[PAD] [UNK] [CLS] [SEP] [MASK] the cat sat on a mat . ? ##nap ##s query passage :".split(" ");
const config = { ...namedConfig("tiny", { vocabSize: pieces.length, initializerRange: 0.1 }), layers: 3 };
const texts = ["The cat sat on a mat.", "a catnap?", "the cats sat on the mats. ".repeat(4), ""];
const backend = await openBackend("onnx", { threads: 1 });

interface FromPython {
  maxTokens: number;
  similarity: string;
  queries: number[];
  documents: number[];
}

/** Of `folder`, which sentence-transformers then saves again into `out`. */
function inPython(folder: string, out: string): FromPython {
  const printed = execFileSync(python!, [
    oracle("sentence_transformers_vectors.py"),
    folder,
    JSON.stringify(texts),
    out,
  ]);
  return JSON.parse(printed.toString().trim().split("\n").at(-1)!) as FromPython;
}

/** The texts' vectors as the contract says, one text after the other. */
async function vectors(folder: string, { side }: { side: "query" | "document" }): Promise<number[]> {
  const contract = (await readContract(folder))!;
  const tokenizer = await Tokenizer.load(folder);
  const { config, parameters } = await loadCheckpoint(folder, { drop: ["bert.pooler"] });
  const pass = forwardPass<Record<"inputIds" | "attentionMask", Matrix>>({
    backend,
    store: frozenWeights(parameters),
    run(weights, batch) {
      const hidden = encode(scope(weights, "bert"), batch, config);
      const pooled = contract.pooling === "cls" ? clsPooling(hidden) : meanPooling(hidden, batch.attentionMask);
      return { vector: contract.normalize ? tf.div(pooled, tf.norm(pooled, 2, 1, true)) : pooled };
    },
  });
  const prefix = side === "query" ? contract.queryPrefix : contract.documentPrefix;
  const found: number[] = [];
  for (const text of texts) {
    const body = tokenizer.encode(prefix + text).slice(0, contract.maxTokens - 2);
    const ids = [tokenizer.clsId, ...body, tokenizer.sepId];
    const ones = ids.map(() => 1);
    const { vector } = await pass.run({
      inputIds: rows(Int32Array, [ids]),
      attentionMask: rows(Int32Array, [ones]),
    });
    found.push(...vector!.data);
  }
  await pass.release();
  return found;
}

const single: EncodingContract = {
  texts: "single",
  maxTokens: 12,
  queryPrefix: "",
  documentPrefix: "",
  pooling: "cls",
  normalize: false,
  similarity: "dot",
};

describe("saveModel for sentence-transformers", () => {
  it.skipIf(!python).each<[string, Partial<EncodingContract>]>([
    ["cls", {}],
    ["mean, cosine", { pooling: "mean", similarity: "cosine" }],
    ["cls, normalised", { normalize: true }],
    [
      "mean, normalised, with prompts",
      { pooling: "mean", normalize: true, queryPrefix: "query: ", documentPrefix: "passage: " },
    ],
  ])(
    "gives the same vectors there, and the same contract when it comes back: %s",
    async (_, differing) => {
      const contract = { ...single, ...differing };
      const [folder, back] = [join(temporaryFolder(), "ours"), join(temporaryFolder(), "theirs")];
      const parameters = initialize(config, {}, seeded(3));
      const tokenizer = Tokenizer.fromVocabulary(pieces);
      await saveModel(folder, { config, parameters, tokenizer, contract, provenance: {} });
      const there = inPython(folder, back);
      expect(there).toMatchObject({ maxTokens: 12, similarity: contract.similarity });
      for (const [side, expected] of [["query", there.queries] as const, ["document", there.documents] as const]) {
        expect(largestDifference(await vectors(folder, { side }), expected)).toBeLessThan(1e-5);
        expect(largestDifference(await vectors(back, { side }), expected)).toBeLessThan(1e-5);
      }
      expect(await readContract(back)).toEqual(contract);
    },
    120_000,
  );

  it.skipIf(!python || !minilm)(
    "reads all-MiniLM-L6-v2 as published and as saved again",
    async () => {
      const back = join(temporaryFolder(), "theirs");
      const there = inPython(minilm!, back);
      for (const folder of [minilm!, back]) {
        expect(await readContract(folder)).toEqual({
          ...single,
          maxTokens: 256,
          pooling: "mean",
          normalize: true,
          similarity: "cosine",
        });
        expect(largestDifference(await vectors(folder, { side: "query" }), there.queries)).toBeLessThan(1e-5);
      }
    },
    120_000,
  );
});
