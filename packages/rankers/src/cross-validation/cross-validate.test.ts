import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRun } from "@propria/collection";
import { openBackend } from "@propria/engine";
import { evaluate } from "@propria/metrics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topicContents, topics } from "../../test/collections.ts";
import { openReranker } from "../open-reranker.ts";
import { rerank } from "../rerank.ts";
import { type CrossValidation, crossValidate, type FoldProgress } from "./cross-validate.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));

let scratch: string;
beforeAll(async () => {
  await openBackend("onnx"); // loads it, which a busy machine takes its time for
  scratch = await mkdtemp(join(tmpdir(), "cross-validation-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const common = { batch: 2, epochs: 2, checkpointEvery: 100, seed: 1, workers: 0 as const, folds: 3 };
const kinds: Record<string, (out: string, more?: Partial<CrossValidation>) => CrossValidation> = {
  "cross-encoder": (out, more) => ({
    ...{ collection: topicCollection(), init: tiny, out: join(scratch, out), queryTokens: 8, learningRate: 3e-3 },
    ...{ ...common, ...(more as object) },
  }),
  drmm: (out, more) => ({
    ...{ collection: topicCollection(), model: { model: "drmm" }, out: join(scratch, out) },
    ...{ vectors: { train: { dimensions: 4, minCount: 1, epochs: 2 } }, ...common, ...(more as object) },
  }),
};

describe.each(["cross-encoder", "drmm"])("cross-validation of a %s", (kind) => {
  const options = kinds[kind]!;

  it("tests each query with a model that has not seen it, and leaves one run and the models", async () => {
    const result = await crossValidate(options(kind));
    expect(result.folds.map(({ queries }) => queries)).toEqual([3, 3, 2]);
    const out = join(scratch, kind);
    const seen = await Promise.all(
      [1, 2, 3].map(
        async (fold) =>
          JSON.parse(await readFile(join(out, `fold-${fold}.json`), "utf8")) as Record<
            "train" | "validation" | "test",
            string[]
          >,
      ),
    );
    expect(seen.flatMap(({ test }) => test).sort()).toEqual(topics.map((topic) => `q-${topic}`).sort());
    for (const { train, validation, test } of seen)
      expect([...train, ...validation, ...test].sort()).toEqual(topics.map((topic) => `q-${topic}`).sort());
    expect(seen.map(({ validation }) => validation)).toEqual([seen[1]!.test, seen[2]!.test, seen[0]!.test]);

    const run = await readRun(result.run);
    expect([...run.keys()].sort()).toEqual(topics.map((topic) => `q-${topic}`).sort());
    const candidates = await readRun(result.candidates);
    const idsOf = (documents: { documentId: string }[]) => documents.map(({ documentId }) => documentId).sort();
    for (const [queryId, documents] of run) expect(idsOf(documents)).toEqual(idsOf(candidates.get(queryId)!));
    const { mean } = evaluate(await topicCollection().qrels("test"), run, ["nDCG@10"]);
    expect(result).toMatchObject({ measure: "nDCG@10", value: mean["nDCG@10"] });
    const overFolds = result.folds.reduce((sum, { test, queries }) => sum + test * queries, 0);
    expect(overFolds / 8).toBeCloseTo(result.value, 10);
    expect((await readdir(out)).filter((name) => !/^fold-/.test(name)).sort()).toEqual(
      ["candidates.run", "cross-validation.json", "test.run", ...(kind === "drmm" ? ["vectors.txt"] : [])].sort(),
    );
  });

  it("stopped in a fold and called again, passes over the finished ones and ends in the same run", async () => {
    const stop = new AbortController();
    const told: FoldProgress[] = [];
    let now = 0;
    const onFold = ({ fold }: FoldProgress) => {
      now = fold;
    };
    const onProgress = ({ step }: { step: number }) => {
      if (now === 2 && step === 1) stop.abort();
    };
    const name = `${kind}-stopped`;
    await expect(crossValidate(options(name, { signal: stop.signal, onFold, onProgress }))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(existsSync(join(scratch, name, "fold-1.run"))).toBe(true);
    expect(existsSync(join(scratch, name, "fold-2.run"))).toBe(false);
    await expect(crossValidate(options(name, { seed: 2 }))).rejects.toThrow(
      `${join(scratch, name)}: seed was another when this cross-validation began`,
    );
    await crossValidate(options(name, { onFold: (progress) => told.push(progress) }));
    expect([...new Set(told.map(({ fold, doing }) => `${fold} ${doing}`))]).toEqual([
      ...["1 skip", "2 train", "2 test", "3 train", "3 test"],
    ]);
    const text = (out: string) => readFile(join(scratch, out, "test.run"), "utf8");
    expect(await text(name)).toBe(await text(kind));
  });
});

describe("crossValidate", () => {
  it("tests by the passages that the training names", async () => {
    const passages = { words: 2, stride: 1, score: "sum", train: "any" } as const;
    const { run, folds, candidates } = await crossValidate(kinds["cross-encoder"]!("passages", { passages }));
    const { model } = await openReranker(folds[0]!.folder);
    const { test } = JSON.parse(await readFile(join(scratch, "passages", "fold-1.json"), "utf8")) as { test: string[] };
    const found = await readRun(candidates);
    const ofFold = new Map(test.map((id) => [id, found.get(id)!]));
    const { documents, queries } = topicContents();
    const byId = new Map(documents.map((document) => [document.id, document]));
    const reranked = await rerank(model, ofFold, queries, byId, { passages: { words: 2, stride: 1, score: "sum" } });
    await model.release();
    const tested = await readRun(run);
    for (const [id, documents] of reranked) {
      const scores = new Map(tested.get(id)!.map(({ documentId, score }) => [documentId, score]));
      for (const { documentId, score } of documents) expect(scores.get(documentId)).toBeCloseTo(score, 5);
    }
  });

  it("refuses what cannot be before it begins, and may be called with the mistake mended", async () => {
    const failing = (more: Partial<CrossValidation>) =>
      expect(crossValidate(kinds["cross-encoder"]!("mended", more))).rejects;
    await failing({ folds: 9 }).toMatchObject({ code: "FOLDS" });
    await failing({ folds: [["q-oil"], ["q-pump"], ["q-wing"]] }).toThrow("query q-skin is judged, and in no fold");
    await failing({ validation: { measure: "nDGC" } }).toMatchObject({ code: "MEASURE" });
    await failing({ validation: { depth: 0 } }).toMatchObject({ code: "OPTION_INVALID", at: "validation: depth" });
    await failing({ groupSize: 1 }).toMatchObject({ code: "OPTION_INVALID" });
    await failing({ groupSize: 60 }).toMatchObject({ code: "TOO_FEW_DOCUMENTS" });
    await failing({ resume: "never" }).toMatchObject({ code: "OUTPUT_EXISTS" });
    const other = kinds["cross-encoder"]!("mended");
    await expect(crossValidate({ ...other, out: scratch })).rejects.toThrow(`${scratch}: exists already`);
    await expect(crossValidate({ ...other, out: join(scratch, "new"), resume: "must" })).rejects.toMatchObject({
      code: "NOTHING_TO_RESUME",
    });
  });
});
