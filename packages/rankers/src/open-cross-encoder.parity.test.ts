import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openCrossEncoder } from "./open-cross-encoder.ts";

interface Oracle {
  pairs: { query: string; document: string; score: number }[];
}
const folder = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));
const { pairs } = JSON.parse(readFileSync(new URL("../test/oracle/pairs.json", import.meta.url), "utf8")) as Oracle;

describe("openCrossEncoder", () => {
  it.each(["cpu", "onnx"] as const)("scores as transformers' BertForSequenceClassification on %s", async (backend) => {
    const model = await openCrossEncoder(folder, { backend, queryTokens: 16 });
    const scores = await model.score(pairs);
    for (const [i, score] of scores.entries()) expect(Math.abs(score - pairs[i]!.score)).toBeLessThan(1e-5);
    await model.release();
  });
});
