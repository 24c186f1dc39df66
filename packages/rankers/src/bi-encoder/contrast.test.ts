import { readFileSync } from "node:fs";
import { type Backend, openBackend, ParameterStore, trainingStep } from "@propria/engine";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type ContrastOptions, contrast, type Represented } from "./contrast.ts";

const oracle = JSON.parse(readFileSync(new URL("../../test/oracle/bi-encoder/contrast.json", import.meta.url), "utf8"));

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("onnx", { threads: 1 });
});

interface Given {
  queries: number[][];
  passages: number[][];
  documents: number[][];
  relevant?: number[][];
  teacher?: number[][];
  taught?: number[][];
}

const plain: ContrastOptions = { temperature: 1, symmetric: false, falseNegatives: "mask" };

/** The loss of a batch, its parts, and the gradients by queries and passages. */
async function evaluate(given: Given, options: Partial<ContrastOptions> = {}) {
  const matrix = <A extends Float32Array | Int32Array>(rows: number[][], type: { from(numbers: number[]): A }) => ({
    data: type.from(rows.flat()),
    shape: [rows.length, rows[0]!.length] as [number, number],
  });
  const store = ParameterStore.create({
    queries: matrix(given.queries, Float32Array),
    passages: matrix(given.passages, Float32Array),
  });
  const batch = {
    documents: matrix(given.documents, Int32Array),
    relevant: matrix(given.relevant ?? given.documents.map(([positive]) => [positive!]), Int32Array),
    ...(given.teacher && { teacher: matrix(given.teacher, Float32Array), taught: matrix(given.taught!, Float32Array) }),
  };
  const step = trainingStep<typeof batch>({
    ...{ backend, store, seed: 0 },
    loss: ({ queries, passages }, arrays) =>
      contrast({ queries: queries as Tensor2D, passages: passages as Tensor2D, ...arrays } as Represented, {
        ...plain,
        ...options,
      }),
  });
  const { loss, parts, gradients } = await step.gradients(batch, { step: 1 });
  await step.release();
  return { loss, parts, gradients };
}

/** Vectors of which the scores are `scores`: one-hot queries pick their row. */
const scoring = (scores: number[][]): Pick<Given, "queries" | "passages"> => ({
  queries: scores.map((_, i) => scores.map((_, j) => (i === j ? 1 : 0))),
  passages: scores[0]!.map((_, column) => scores.map((row) => row[column]!)),
});

const distinct = (batch: number, size: number) =>
  Array.from({ length: batch }, (_, i) => Array.from({ length: size }, (_, k) => 100 + i * size + k));

describe("contrast", () => {
  it("is the worked example of two queries with two passages each", async () => {
    const S = [
      [2, 1, 0, 0],
      [0, 1, 3, 1],
    ];
    const { loss } = await evaluate({ ...scoring(S), documents: distinct(2, 2) });
    expect(loss).toBeCloseTo(0.3859, 5);
    const alone = (row: number[], target: number) =>
      Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[target]!;
    expect(alone(S[0]!, 0)).toBeCloseTo(0.49381, 5);
    expect(alone(S[1]!, 2)).toBeCloseTo(0.27798, 5);
  });

  it.each([
    [2, 2],
    [3, 1],
    [2, 8],
  ])("of equal scores is ln(%i · %i)", async (batch, size) => {
    const zeros = Array.from({ length: batch }, () => new Array<number>(batch * size).fill(0));
    const { loss } = await evaluate({ ...scoring(zeros), documents: distinct(batch, size) });
    expect(loss).toBeCloseTo(Math.log(batch * size), 5);
  });

  const [batch, size, width] = oracle.shape as [number, number, number];
  const rows = (flat: number[], columns: number) =>
    Array.from({ length: flat.length / columns }, (_, i) => flat.slice(i * columns, (i + 1) * columns));
  it.each([
    ["contrast", {}],
    ["symmetric", { symmetric: true }],
    ["marginMse", { distill: { loss: "marginMse", weight: 1 } }],
    ["kl", { distill: { loss: "kl", weight: 1 } }],
  ] as const)("%s is PyTorch's, in value and gradients", async (name, options) => {
    const { loss, gradients } = await evaluate(
      {
        queries: rows(oracle.queries, width),
        passages: rows(oracle.passages, width),
        documents: distinct(batch, size),
        teacher: rows(oracle.teacher, size),
        taught: rows(oracle.known, size),
      },
      { temperature: oracle.temperature, ...options },
    );
    const expected = oracle.losses[name];
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
    for (const side of ["queries", "passages"] as const)
      for (const [i, value] of gradients[side]!.entries()) expect(value).toBeCloseTo(expected[side][i], 4);
  });

  it("leaves out of a query's loss what is judged relevant to it, and counts it", async () => {
    const S = [
      [2, 1, 5, 0],
      [0, 1, 3, 1],
    ];
    const documents = [
      [7, 8],
      [9, 8],
    ];
    const relevant = [
      [7, 9],
      [9, -1],
    ]; // the second query's positive answers the first query too; document 8 stands there twice
    const masked = await evaluate({ ...scoring(S), documents, relevant });
    const first = Math.log(Math.exp(2) + Math.exp(1)) - 2;
    const second = Math.log(1 + Math.exp(1) + Math.exp(3)) - 3;
    expect(masked.loss).toBeCloseTo((first + second) / 2, 5);
    expect(masked.parts.falseNegatives).toBeCloseTo(0.5, 6);
    const kept = await evaluate({ ...scoring(S), documents, relevant }, { falseNegatives: "keep" });
    const all = (row: number[], target: number) =>
      Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[target]!;
    expect(kept.loss).toBeCloseTo((all(S[0]!, 0) + all(S[1]!, 2)) / 2, 5);
    expect(kept.parts.falseNegatives).toBeCloseTo(0.5, 6);
  });

  it("never leaves out a query's own positive, where it is another's too", async () => {
    const S = [
      [2, 2],
      [1, 1],
    ];
    const { loss, parts } = await evaluate({ ...scoring(S), documents: [[7], [7]] });
    expect(loss).toBeCloseTo(0, 6);
    expect(parts.falseNegatives).toBeCloseTo(1, 6);
  });
});
