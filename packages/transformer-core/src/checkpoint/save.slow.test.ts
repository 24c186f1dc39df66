/** What we save, loaded by Python's `transformers`. PROPRIA_PYTHON names an interpreter that has PyTorch and transformers. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, type Scope, scope } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { largestDifference, type Matrix, oracle, rows, temporaryFolder } from "../../test/fixtures.ts";
import {
  clsPooling,
  encode,
  type Inits,
  initialize,
  maskedLanguageModelInits,
  mlmLogits,
  namedConfig,
  pooler,
  poolerInits,
  rankingHead,
  rankingInits,
  saveModel,
} from "../index.ts";

const python = process.env.PROPRIA_PYTHON;

const pieces = "[PAD] [UNK] [CLS] [SEP] [MASK] the cat sat on a mat . ? ##nap ##s".split(" ");
const config = { ...namedConfig("tiny", { vocabSize: pieces.length, initializerRange: 0.3 }), layers: 3 };

interface FromPython {
  class: string;
  missing: string[];
  unexpected: string[];
  inputIds: number[][];
  attentionMask: number[][];
  tokenTypeIds: number[][];
  shape: number[];
  result: number[];
}

describe("saveModel", () => {
  it.skipIf(!python).each([
    {
      name: "AutoModel",
      loaded: "BertModel",
      heads: poolerInits(config),
      results: (_root: Scope, hidden: Tensor3D): Tensor => hidden,
    },
    {
      name: "BertForMaskedLM",
      loaded: "BertForMaskedLM",
      heads: maskedLanguageModelInits(config),
      results: (root: Scope, hidden: Tensor3D): Tensor => {
        const [batch, length] = hidden.shape;
        const everywhere = tf.tile(tf.reshape(tf.range(0, length, 1, "int32"), [1, length]), [batch, 1]) as Tensor2D;
        return mlmLogits(root, hidden, everywhere, config);
      },
    },
    {
      name: "BertForSequenceClassification",
      loaded: "BertForSequenceClassification",
      unexpected: Object.keys(maskedLanguageModelInits(config)).sort(), // it passes over the other head
      heads: {
        ...maskedLanguageModelInits(config),
        ...poolerInits(config),
        ...rankingInits(config),
      },
      results: (root: Scope, hidden: Tensor3D): Tensor =>
        rankingHead(root, pooler(root.at("bert"), clsPooling(hidden)), config),
    },
  ] satisfies Case[])(
    "loads in transformers as $name and computes the same",
    async ({ name, loaded, unexpected = [], heads, results }) => {
      const out = join(temporaryFolder(), "model");
      const parameters = initialize(config, heads, seeded(5));
      const tokenizer = Tokenizer.fromVocabulary(pieces);
      await saveModel(out, { config, parameters, tokenizer, provenance: {} });
      const theirs = JSON.parse(
        execFileSync(python!, [oracle("load.py"), out, name], {
          encoding: "utf8",
          env: { ...process.env, HF_HUB_OFFLINE: "1" },
        }),
      ) as FromPython;

      expect(theirs).toMatchObject({ class: loaded, missing: [], unexpected });
      const ids = (text: string) => tokenizer.encode(text);
      const { clsId, sepId } = tokenizer;
      expect(theirs.inputIds[0]).toEqual([clsId, ...ids("the cat sat"), sepId, ...ids("on a mat."), sepId]);

      const pass = forwardPass<Record<"inputIds" | "attentionMask" | "tokenTypeIds", Matrix>>({
        backend: await openBackend("cpu"),
        store: frozenWeights(parameters),
        run(parameters, batch) {
          const root = scope(parameters);
          return { result: results(root, encode(root.at("bert"), batch, config)) };
        },
      });
      const { result } = await pass.run({
        inputIds: rows(Int32Array, theirs.inputIds),
        attentionMask: rows(Int32Array, theirs.attentionMask),
        tokenTypeIds: rows(Int32Array, theirs.tokenTypeIds),
      });
      expect(largestDifference(result!.data, theirs.result)).toBeLessThan(1e-4);
    },
  );
});

interface Case {
  name: string;
  loaded: string;
  unexpected?: string[];
  heads: Inits;
  results(root: Scope, hidden: Tensor3D): Tensor;
}
