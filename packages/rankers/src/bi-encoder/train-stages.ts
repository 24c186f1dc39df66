/** Fine-tuning in stages: each starts from an earlier model, and may learn from the mistakes of one. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { documentText, openCollection } from "@propria/collection";
import { createIndex } from "@propria/dense-index";
import { type Json, readContract } from "@propria/transformer-core";
import { mineNegatives } from "../negatives/mine.ts";
import { type MiningReport, writeNegatives } from "../negatives/write.ts";
import type { TrainingCollection } from "../training-data.ts";
import { type BiEncoderTraining, type BiEncoderTrainingResult, finetuneBiEncoder } from "./finetune-bi-encoder.ts";
import { openBiEncoder } from "./open-bi-encoder.ts";
import { modelsOf, readRecipe, type Stage, type StageMining } from "./recipe.ts";

/** What trains in stages. */
export interface StagesTraining
  extends Pick<
    BiEncoderTraining,
    | ("backend" | "threads" | "memory" | "workers" | "checkpointEvery" | "signal")
    | ("onPrepare" | "onStart" | "onProgress")
  > {
  /** As `readRecipe` takes it: parsed JSON or YAML. */
  recipe: unknown;
  collection: TrainingCollection;
  /** The model folder that a recipe calls `start`. */
  start: string;
  /** The folder of the training: one model folder for each stage in it, and what was mined. */
  out: string;
  /** Called whenever something else is begun, and for documents encoded and queries mined as they are. */
  onStage?: (progress: StageProgress) => void;
}

/** What is being done. */
export interface StageProgress {
  stage: string;
  /** 1 for the first stage. */
  number: number;
  stages: number;
  doing: "skip" | "encode" | "mine" | "train";
  /** Documents, or queries. */
  done: number;
}

/** What came of a stage. */
export interface StageResult {
  stage: string;
  folder: string;
  /** Absent where an earlier call had mined. */
  mined?: MiningReport;
  /** Absent where an earlier call had trained. */
  trained?: BiEncoderTrainingResult;
}

/**
 * Trains the stages of a recipe one after the other, `out/NAME` each. Mined negatives are kept beside it as `NAME-negatives.jsonl.gz`. Called
 * again, it passes over finished stages and goes on within the one that was stopped; a stage whose options changed, or the model it
 * started from, is refused.
 *
 * A stage's `init` is `previous` (default; for the first stage `start`), `start`, an earlier stage's name, or a model folder. Mining encodes
 * the whole corpus with the model named and searches it exactly, so it holds a vector of each document in memory.
 *
 * @throws {PropriaError} `RECIPE_INVALID`; `STAGE_CHANGED`; what `finetuneBiEncoder`, `openBiEncoder` and `mineNegatives` throw.
 * @see Xiong et al., "Approximate Nearest Neighbor Negative Contrastive Learning for Dense Text Retrieval", ICLR 2021. https://arxiv.org/abs/2007.00808
 * @example
 * await trainStages({ collection, start: "costa", out: "dense", recipe: [
 *   { name: "bm25", epochs: 3 },
 *   { name: "mined", init: "start", negatives: { mine: { with: "bm25" } }, epochs: 2 },
 * ] });
 */
export async function trainStages(training: StagesTraining): Promise<StageResult[]> {
  const { out, start, onStage } = training;
  const stages = readRecipe(training.recipe);
  await mkdir(out, { recursive: true });
  const folders = new Map<string, string>([
    ["start", start],
    ["previous", start],
  ]);
  const folderOf = (model: string) => folders.get(model) ?? model;
  const results: StageResult[] = [];
  for (const [i, stage] of stages.entries()) {
    const tell = (doing: StageProgress["doing"], done = 0) =>
      onStage?.({ stage: stage.name, number: i + 1, stages: stages.length, doing, done });
    const folder = join(out, stage.name);
    const models = Object.fromEntries(Object.entries(modelsOf(stage)).map(([use, model]) => [use, folderOf(model)]));
    const fresh = await noteStage(out, stage, models);
    if (existsSync(join(folder, "propria.json"))) {
      tell("skip");
      results.push({ stage: stage.name, folder });
    } else {
      const work = { stage, folder, models, fresh, tell, training };
      results.push(await trainStage(work));
    }
    folders.set(stage.name, folder).set("previous", folder);
  }
  return results;
}

interface Work {
  stage: Stage;
  folder: string;
  /** Folders by what they are for. */
  models: Record<string, string>;
  /** Nothing of this stage is of use. */
  fresh: boolean;
  tell: (doing: StageProgress["doing"], done?: number) => void;
  training: StagesTraining;
}

async function trainStage({ stage, folder, models, fresh, tell, training }: Work): Promise<StageResult> {
  const { name, init: _, collection: named, negatives, ...options } = stage;
  const { recipe: __, start: ___, onStage: ____, ...shared } = training;
  const collection = named === undefined ? training.collection : await openCollection(named);
  const found: StageResult = { stage: name, folder };
  let chosen: BiEncoderTraining["negatives"];
  let keep = options.keep;
  if (typeof negatives === "object" && "mine" in negatives) {
    const file = join(training.out, `${name}-negatives.jsonl.gz`);
    if (fresh) await rm(file, { force: true });
    if (!existsSync(file)) {
      const split = options.split ?? "train";
      const mining = {
        ...negatives.mine,
        maxTokens: negatives.mine.maxTokens ?? options.maxTokens,
        seed: options.seed,
      };
      found.mined = await mine(
        file,
        { ...mining, model: models["negatives.mine.with"]!, collection, split, stage },
        { tell, training },
      );
    }
    chosen = { file };
    keep = negatives.mine.keep;
  } else chosen = negatives;
  tell("train");
  found.trained = await finetuneBiEncoder({
    ...shared,
    ...withoutUndefined({ ...options, keep }),
    ...{ collection, init: models.init!, out: folder, negatives: chosen },
  });
  return found;
}

interface MiningOf extends Omit<StageMining, "with" | "maxTokens"> {
  model: string;
  maxTokens: number | undefined;
  seed: number | undefined;
  collection: TrainingCollection;
  split: string;
  stage: Stage;
}

/** Encodes the corpus, answers the split's queries, writes what is not relevant. */
async function mine(
  file: string,
  {
    model: folder,
    collection,
    split,
    stage,
    maxTokens,
    depth,
    keep,
    seed,
    falseNegativeMargin,
    dropLikelyFalse,
  }: MiningOf,
  { tell, training }: Pick<Work, "tell" | "training">,
): Promise<MiningReport> {
  const { backend, threads, signal } = training;
  const stopWhenAborted = () => {
    if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped while mining", { at: file });
  };
  const bare = (await readContract(folder)) === undefined;
  const model = await openBiEncoder(folder, {
    ...withoutUndefined({ backend, threads, maxTokens }),
    ...(bare && withoutUndefined({ pooling: stage.pooling, similarity: stage.similarity })),
  });
  const { dimensions, contract, space } = model;
  const similarity = contract.similarity as "dot" | "cosine";
  const index = await createIndex({ kind: "exact", dimensions, similarity, space, ...withoutUndefined({ threads }) });
  try {
    tell("encode");
    for await (const { ids, vectors } of model.encodeStream(textsOf(collection), {
      side: "document",
      window: WINDOW,
    })) {
      stopWhenAborted();
      await index.add(ids, vectors);
      tell("encode", index.size);
    }
    tell("mine");
    const options = withoutUndefined({ depth, keep, seed, falseNegativeMargin, dropLikelyFalse });
    const mined = mineNegatives({
      ...{ model, index, collection, split, ...options },
      onProgress({ queries }) {
        stopWhenAborted();
        tell("mine", queries);
      },
    });
    return await writeNegatives(file, mined);
  } finally {
    await index.release();
    await model.release();
  }
}

const WINDOW = 1024; // texts between two looks at the signal

async function* textsOf(collection: TrainingCollection) {
  for await (const document of collection.documents()) yield { id: document.id, text: documentText(document) };
}

/**
 * Notes what a stage is made from, its options and the weights of the models it names, as `NAME.json`, and says whether nothing of an
 * earlier call is of use. A stage that has begun otherwise is refused.
 */
async function noteStage(out: string, stage: Stage, models: Record<string, string>): Promise<boolean> {
  const path = join(out, `${stage.name}.json`);
  const { name, init: _, ...options } = stage;
  const weights: Record<string, string> = {};
  for (const [use, folder] of Object.entries(models)) weights[use] = await weightsHash(folder);
  const note = JSON.parse(JSON.stringify({ options, weights })) as { [part: string]: { [name: string]: Json } };
  const text = `${JSON.stringify(note, null, 2)}\n`;
  const before = existsSync(path) ? await readFile(path, "utf8") : undefined;
  if (before === text) return false;
  if (before !== undefined && existsSync(join(out, name)))
    throw new PropriaError("STAGE_CHANGED", `was begun with other ${changed(JSON.parse(before), note)}`, {
      at: join(out, name),
      mend: "remove this folder to train the stage again, or name another one to train into",
    });
  await writeFileAtomically(path, text);
  return true;
}

/** The first member in which two notes differ. */
function changed(before: { [part: string]: { [name: string]: Json } }, now: typeof before): string {
  for (const part of Object.keys(now))
    for (const name of new Set([...Object.keys(before[part] ?? {}), ...Object.keys(now[part]!)]))
      if (JSON.stringify(before[part]?.[name]) !== JSON.stringify(now[part]![name]))
        return part === "weights" ? `weights (${name})` : name;
  return "options";
}

async function weightsHash(folder: string): Promise<string> {
  const path = join(folder, "model.safetensors");
  if (!existsSync(path)) throw new PropriaError("CHECKPOINT", "holds no model.safetensors", { at: folder });
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** What is left when members that are undefined are taken out. */
function withoutUndefined<T extends object>(given: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
