import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { encode, type HostParameters, initialize } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { attach } from "../attach.ts";
import { tinyConfig as config, tinyBatch } from "../testing.ts";
import { prefix } from "./prefix.ts";

const LENGTH = 3;
const base = initialize(config, {}, seeded(1));
const attachment = attach(prefix, { config, options: { length: LENGTH, reparameterize: false, std: 0.5 } });
const own = attachment.initialize(seeded(2));
const layer = "bert.encoder.layer.0.attention";

/** What goes into and comes out of the first layer's maps. */
async function seen(parameters: HostParameters): Promise<Record<string, Float32Array>> {
  const results = await forwardPass<typeof tinyBatch>({
    backend: await openBackend("cpu"),
    store: frozenWeights(parameters),
    run(all, batch) {
      const kept: Record<string, Tensor> = {};
      const linear = (path: string, x: Tensor, y: Tensor) => {
        if (path.startsWith(layer)) Object.assign(kept, { [`${path} x`]: x, [`${path} y`]: y });
        return y;
      };
      const sites = { ...(parameters === base ? {} : attachment.sites(all)), linear } as object;
      const hidden = encode(scope(all, "bert", { sites }), batch, config);
      return { ...kept, hidden };
    },
  }).run(tinyBatch);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

const softmax = (logits: readonly number[]): number[] => {
  const exps = logits.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
};

describe("prefix", () => {
  it("is a gate between a text's own attention and that to the prefix: (1 − λ)·Attn(x) + λ·softmax(QPₖᵀ)Pᵥ", async () => {
    const { hiddenSize: width, heads } = config;
    const size = width / heads;
    const [texts, tokens] = tinyBatch.inputIds.shape;
    const found = await seen({ ...base, ...own });
    const rowsOf = (data: Float32Array, head: number, from: number, count: number) =>
      Array.from({ length: count }, (_, i) => [
        ...data.subarray((from + i) * width + head * size, (from + i) * width + (head + 1) * size),
      ]);
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const mix = (weights: readonly number[], rows: readonly (readonly number[])[]) =>
      Array.from({ length: size }, (_, i) =>
        dot(
          weights,
          rows.map((row) => row[i]!),
        ),
      );
    const [keys, values] = ["keys", "values"].map((name) => own[`adapter.${layer}.self.prefix.${name}`]!.data);

    let largest = 0;
    for (let text = 0; text < texts; text++)
      for (let head = 0; head < heads; head++) {
        const of = (name: string) => rowsOf(found[`${layer}.self.${name} y`]!, head, text * tokens, tokens);
        const visible = (_: unknown, token: number) => tinyBatch.attentionMask.data[text * tokens + token] === 1;
        const [ownKeys, ownValues] = [of("key").filter(visible), of("value").filter(visible)];
        const [prefixKeys, prefixValues] = [keys!, values!].map((data) => rowsOf(data, head, 0, LENGTH));
        const mixed = rowsOf(found[`${layer}.output.dense x`]!, head, text * tokens, tokens);
        for (const [token, query] of of("query").entries()) {
          const logits = (rows: readonly (readonly number[])[]) => rows.map((row) => dot(query, row) / Math.sqrt(size));
          const [toText, toPrefix] = [logits(ownKeys), logits(prefixKeys!)];
          const gate = softmax([...toPrefix, ...toText])
            .slice(0, LENGTH)
            .reduce((a, b) => a + b, 0); // λ
          expect(gate).toBeGreaterThan(0.01);
          const [text, before] = [mix(softmax(toText), ownValues), mix(softmax(toPrefix), prefixValues!)];
          for (const [i, value] of mixed[token]!.entries())
            largest = Math.max(largest, Math.abs(value - ((1 - gate) * text[i]! + gate * before[i]!)));
        }
      }
    expect(largest).toBeLessThan(1e-5);
  });

  it("leaves a text's length, its positions and its queries as they are", async () => {
    const [alone, after] = [await seen(base), await seen({ ...base, ...own })];
    expect(after.hidden!.length).toBe(alone.hidden!.length);
    for (const name of ["query", "key", "value"])
      expect(after[`${layer}.self.${name} y`]).toEqual(alone[`${layer}.self.${name} y`]);
    expect(after[`${layer}.output.dense x`]).not.toEqual(alone[`${layer}.output.dense x`]);
  });
});
