import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Document, type Query, writeBeir } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { readModelCard } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Contents, collectionOf } from "../../test/collections.ts";
import { readNegatives } from "../negatives/jsonl.ts";
import { readRecipe } from "./recipe.ts";
import { type StagesTraining, trainStages } from "./train-stages.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));
const topics = ["oil", "pump", "wing", "river", "bridge", "stone"];

const documents: Document[] = topics.flatMap((topic) =>
  ["water", "sand", "wind", "light"].map((word) => ({ id: `${topic}-${word}`, title: topic, text: `the ${word}` })),
);
const queries: Query[] = topics.map((topic) => ({ id: topic, text: `what is ${topic} water?` }));
const qrels: Qrels = new Map(topics.map((topic) => [topic, new Map([[`${topic}-water`, 1]])]));
const collection = collectionOf("topics", { documents, queries, qrels });

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const defaults = { batch: 3, groupSize: 3, queryTokens: 12, maxTokens: 14, learningRate: 1e-3, epochs: 2 };
const recipe = {
  defaults,
  stages: [
    { name: "bm25", negatives: "bm25" },
    { name: "mined", init: "start", negatives: { mine: { with: "bm25", depth: 8, keep: 5 } }, maxTokens: 16 },
    { name: "again", negatives: { mine: { depth: 8, keep: 5 } }, epochs: 1 },
  ],
};
const settings = (out: string, more: Partial<StagesTraining> = {}): StagesTraining => ({
  ...{ recipe, collection, start: tiny, out: join(scratch, out), threads: 1, workers: 0 },
  ...more,
});
const weights = (...path: string[]) => readFile(join(scratch, ...path, "model.safetensors"));

describe("trainStages", () => {
  it("trains each stage into a folder, from the model named, on negatives mined with another", async () => {
    const seen: string[] = [];
    const onStage = ({ stage, doing, done }: { stage: string; doing: string; done: number }) =>
      done === 0 && seen.push(`${stage} ${doing}`);
    const results = await trainStages(settings("stages", { onStage }));
    const mining = (stage: string) => ["encode", "mine", "train"].map((doing) => `${stage} ${doing}`);
    expect(seen).toEqual(["bm25 train", ...mining("mined"), ...mining("again")]);
    expect(results.map(({ mined }) => mined?.queries)).toEqual([undefined, 6, 6]);
    expect(results.map(({ trained }) => trained?.steps)).toEqual([4, 4, 2]);

    const lines = gunzipSync(await readFile(join(scratch, "stages", "mined-negatives.jsonl.gz"))).toString();
    const negatives = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(negatives.map(({ query_id }) => query_id)).toEqual(topics);
    for (const { query_id, negative_document_ids } of negatives) {
      expect(negative_document_ids).toHaveLength(5);
      expect(negative_document_ids).not.toContain(`${query_id}-water`);
    }
    const card = await readModelCard(join(scratch, "stages", "mined"));
    expect(card!.contract).toMatchObject({ maxTokens: 16, pooling: "mean", similarity: "cosine" });
  });

  it("trains a stage on another collection, with negatives of that by a model of this one", async () => {
    const long = (document: Document) => ({
      ...document,
      id: `long-${document.id}`,
      text: `${document.text} and the tank`,
    });
    const judged = new Map(topics.map((topic) => [`ask-${topic}`, new Map([[`long-${topic}-water`, 1]])]));
    const contents = {
      documents: documents.map(long),
      queries: topics.map((topic) => ({ id: `ask-${topic}`, text: `what is ${topic} water?` })),
    };
    const path = join(scratch, "long");
    await writeBeir(path, { ...contents, qrels: { train: judged } });
    const stages = [
      { name: "passages", negatives: "bm25" },
      { name: "documents", collection: path, negatives: { mine: { depth: 8, keep: 5 } }, maxTokens: 16, epochs: 1 },
    ];
    const training = settings("collections", { recipe: { defaults, stages } });
    const [passages, longer] = await trainStages(training);
    expect([passages!.trained?.steps, longer!.mined?.queries, longer!.trained?.steps]).toEqual([4, 6, 2]);
    const mined = readNegatives(join(scratch, "collections", "documents-negatives.jsonl.gz"), judged);
    for await (const { queryId, documentIds } of mined) {
      expect(queryId).toMatch(/^ask-/);
      expect(documentIds).toHaveLength(5);
      for (const id of documentIds) expect(id).toMatch(/^long-/);
    }
    const card = await readModelCard(join(scratch, "collections", "documents"));
    expect(card!.contract).toMatchObject({ maxTokens: 16 });

    await rm(path, { recursive: true });
    await writeBeir(path, {
      ...contents,
      documents: contents.documents.toReversed(),
      qrels: { train: judged },
    });
    const changed = trainStages(training);
    await expect(changed).rejects.toMatchObject({
      code: "STAGE_CHANGED",
      at: join(scratch, "collections", "documents"),
    });
    await expect(changed).rejects.toThrow("was begun with other corpus (collection)");
  });

  it("passes over finished stages, and goes on where it was stopped to the same weights", async () => {
    const stop = new AbortController();
    const onStage = ({ stage, doing }: { stage: string; doing: string }) => {
      if (stage === "mined" && doing === "train") stop.abort();
    };
    await expect(trainStages(settings("stopped", { signal: stop.signal, onStage }))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(existsSync(join(scratch, "stopped", "again"))).toBe(false);
    const seen: string[] = [];
    const results = await trainStages(
      settings("stopped", { onStage: ({ stage, doing, done }) => done === 0 && seen.push(`${stage} ${doing}`) }),
    );
    expect(seen.slice(0, 2)).toEqual(["bm25 skip", "mined train"]); // what was mined is kept
    expect(results[0]!.trained).toBeUndefined();
    for (const stage of ["bm25", "mined", "again"])
      expect((await weights("stopped", stage)).equals(await weights("stages", stage))).toBe(true);
  });

  it("refuses a stage that was begun with other options, or from another model", async () => {
    const [first, ...rest] = recipe.stages;
    const other = (changes: object) => ({ ...recipe, stages: [{ ...first, ...changes }, ...rest] });
    const failing = trainStages(settings("stages", { recipe: other({ learningRate: 1e-4 }) }));
    await expect(failing).rejects.toMatchObject({ code: "STAGE_CHANGED", at: join(scratch, "stages", "bm25") });
    await expect(failing).rejects.toThrow("was begun with other learningRate");
    const start = join(scratch, "stages", "again");
    await expect(trainStages(settings("stages", { start }))).rejects.toThrow("was begun with other weights (init)");
  });

  it("refuses a stage that was begun with other documents, judgements, or a start that encodes otherwise", async () => {
    const contents = { documents, queries, qrels };
    const other = (changes: Partial<Contents>) => ({ collection: collectionOf("topics", { ...contents, ...changes }) });
    const changed: [string, Partial<StagesTraining>][] = [
      ["corpus (collection)", other({ documents: documents.toReversed() })],
      ["judgements (collection)", other({ qrels: new Map([...qrels].slice(1)) })],
    ];
    const start = join(scratch, "prefixed"); // the same weights
    await cp(tiny, start, { recursive: true });
    const prompts = join(start, "config_sentence_transformers.json");
    await writeFile(prompts, (await readFile(prompts, "utf8")).replace("query: ", "ask: "));
    changed.push(["queryPrefix (init)", { start }]);
    for (const [what, more] of changed)
      await expect(trainStages(settings("stages", more))).rejects.toThrow(`was begun with other ${what}`);
  });

  it("mines anew for a stage that changed before it trained, wherever it was killed", async () => {
    const mined = (out: string) => readFile(join(scratch, out, "mined-negatives.jsonl.gz"));
    const [first, second] = recipe.stages as [object, object];
    const shallow = { ...second, negatives: { mine: { with: "bm25", depth: 6, keep: 3 } } };
    const upToTraining = async (out: string, stage: object) => {
      const stop = new AbortController();
      const seen: string[] = [];
      const onStage = (progress: { stage: string; doing: string }) => {
        if (progress.stage !== "mined") return;
        seen.push(progress.doing);
        if (progress.doing === "train") stop.abort();
      };
      const stopped = { recipe: { defaults, stages: [first, stage] }, signal: stop.signal, onStage };
      await expect(trainStages(settings(out, stopped))).rejects.toMatchObject({ code: "INTERRUPTED" });
      await rm(join(scratch, out, "mined"), { recursive: true, force: true });
      return [...new Set(seen)];
    };
    await upToTraining("expected", shallow);
    await upToTraining("killed", second);
    expect(await upToTraining("killed", second)).toEqual(["train"]); // nothing changed
    const blocked = join(scratch, "killed", "mined.json.tmp");
    await mkdir(blocked); // in the way of the new note, so that the call breaks off there
    await expect(trainStages(settings("killed", { recipe: { defaults, stages: [first, shallow] } }))).rejects.toThrow();
    expect(existsSync(join(scratch, "killed", "mined-negatives.jsonl.gz"))).toBe(false); // they went first
    await rm(blocked, { recursive: true });
    expect(await upToTraining("killed", shallow)).toEqual(["encode", "mine", "train"]);
    expect((await mined("killed")).equals(await mined("expected"))).toBe(true);
  });
});

describe("readRecipe", () => {
  it("gives each stage the defaults that it does not change", () => {
    const [first, second] = readRecipe({
      defaults: { epochs: 3, batch: 4 },
      stages: [{ name: "a" }, { name: "b", epochs: 1 }],
    });
    expect(first).toMatchObject({ name: "a", epochs: 3, batch: 4, negatives: "bm25" });
    expect(second).toMatchObject({ name: "b", epochs: 1, batch: 4 });
    expect(readRecipe([{ name: "a" }])).toHaveLength(1);
  });

  it("lets a stage contradict the defaults", () => {
    const defaults = { epochs: 3, groupSize: 8 };
    const [counted, inBatch] = readRecipe({
      defaults,
      stages: [
        { name: "a", steps: 5 },
        { name: "b", negatives: "in-batch" },
      ],
    });
    expect(counted).toMatchObject({ steps: 5, groupSize: 8 });
    expect(counted!.epochs).toBeUndefined();
    expect(inBatch!.groupSize).toBeUndefined();
  });

  it.each([
    [undefined, "recipe: stages: expected a list of stages"],
    [[], "recipe: stages: expected a stage or more"],
    [[{ epochs: 1 }], "recipe: stage 1: name"],
    [[{ name: "../x" }], "recipe: ../x: name: expected letters"],
    [[{ name: "start" }], "recipe: start: name: is the name of something else"],
    [[{ name: "a" }, { name: "a" }], "recipe: a: two stages have this name"],
    [[{ name: "a", epoch: 1 }], "recipe: a: there is no option epoch (did you mean epochs?)"],
    [[{ epochs: 1, spam: 1 }], "recipe: stage 1: there is no option spam"],
    [
      [{ name: "a", negatives: { mine: { dept: 3 } } }],
      "recipe: a: negatives.mine: there is no option dept (did you mean depth?)",
    ],
    [{ stage: [] }, "recipe: there is no option stage (did you mean stages?)"],
    [[{ name: "a", epochs: 0 }], "recipe: a: epochs: "],
    [[{ name: "a", negatives: "mined" }], 'recipe: a: negatives: expected "bm25", "in-batch", { file } or { mine'],
    [
      [{ name: "a", negatives: { mine: { with: "b" } } }, { name: "b" }],
      "recipe: a: negatives.mine.with: neither an earlier",
    ],
    [[{ name: "a", init: "nowhere" }], "recipe: a: init: neither an earlier stage nor a folder is called nowhere"],
    [[{ name: "a", negatives: { file: "no.jsonl" } }], "recipe: a: negatives: no file no.jsonl"],
    [[{ name: "a", negatives: "in-batch", groupSize: 2 }], "recipe: a: groupSize: with in-batch negatives alone"],
    [[{ name: "a", steps: 1, epochs: 1 }], "recipe: a: steps: give one of steps and epochs"],
  ])("names the stage and what is wrong: %j", (value, message) => {
    expect(() => readRecipe(value)).toThrow(message);
    expect(() => readRecipe(value)).toThrow(expect.objectContaining({ code: "RECIPE_INVALID" }));
  });
});
