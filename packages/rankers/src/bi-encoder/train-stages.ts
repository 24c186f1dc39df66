/** Fine-tuning in stages: each starts from an earlier model, and may learn from the mistakes of one. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { refuseAsStart } from "@propria/adapters";
import { PropriaError } from "@propria/base";
import { openCollection } from "@propria/collection";
import type { MiningReport } from "../negatives/write.ts";
import type { TrainingCollection } from "../training-documents.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { BiEncoderTraining, BiEncoderTrainingResult } from "./bi-encoder-training.ts";
import { finetuneBiEncoder } from "./finetune-bi-encoder.ts";
import { mineForStage } from "./mine-stage.ts";
import { modelsOf, readRecipe, type Stage } from "./recipe.ts";
import { type CollectionHashes, collectionHashes, keepNote, noteOf, stageFiles } from "./stage-note.ts";

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
 * again, it passes over finished stages and goes on within the one that was stopped; a stage whose options changed, or its collection, or a
 * model it names, is refused.
 *
 * A stage's `init` is `previous` (default; for the first stage `start`), `start`, an earlier stage's name, or a model folder. Mining encodes
 * the whole corpus with the model named and searches it exactly, so it holds a vector of each document in memory.
 *
 * @throws {PropriaError} `RECIPE_INVALID`; `ADAPTER_INIT`; `STAGE_CHANGED`; `INTERRUPTED`; what `finetuneBiEncoder`, `openBiEncoder` and `mineNegatives` throw.
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
  await refuseAsStart(start);
  await mkdir(out, { recursive: true });
  const hashesOf = hashesOnce(training);
  const folders = new Map<string, string>([
    ["start", start],
    ["previous", start],
  ]);
  const results: StageResult[] = [];
  for (const [i, stage] of stages.entries()) {
    const tell: Work["tell"] = (doing, done = 0) =>
      onStage?.({ stage: stage.name, number: i + 1, stages: stages.length, doing, done });
    const { folder } = stageFiles(out, stage);
    const models = Object.fromEntries(
      Object.entries(modelsOf(stage)).map(([use, model]) => [use, folders.get(model) ?? model]),
    );
    const collection = stage.collection === undefined ? training.collection : await openCollection(stage.collection);
    await keepNote(out, stage, await noteOf(stage, models, await hashesOf(stage, collection)));
    if (existsSync(join(folder, "propria.json"))) {
      tell("skip");
      results.push({ stage: stage.name, folder });
    } else results.push(await trainStage({ stage, collection, models, tell, training }));
    folders.set(stage.name, folder).set("previous", folder);
  }
  return results;
}

interface Work {
  stage: Stage;
  collection: TrainingCollection;
  /** Folders by what they are for. */
  models: Record<string, string>;
  tell: (doing: StageProgress["doing"], done?: number) => void;
  training: StagesTraining;
}

async function trainStage({ stage, collection, models, tell, training }: Work): Promise<StageResult> {
  const { name, init: _, collection: __, negatives, ...options } = stage;
  const { recipe: ___, start: ____, onStage: _____, ...shared } = training;
  const files = stageFiles(training.out, stage);
  const mining = typeof negatives === "object" && "mine" in negatives ? negatives.mine : undefined;
  const found: StageResult = { stage: name, folder: files.folder };
  if (mining && !existsSync(files.negatives)) {
    const model = models["negatives.mine.with"]!;
    found.mined = await mineForStage(files.negatives, { ...shared, stage, mining, model, collection, tell });
  }
  tell("train");
  found.trained = await finetuneBiEncoder({
    ...shared,
    ...withoutUndefined({ ...options, keep: mining?.keep ?? options.keep }),
    ...{ collection, init: models.init!, out: files.folder },
    negatives: typeof negatives === "object" && "mine" in negatives ? { file: files.negatives } : negatives,
  });
  return found;
}

/** The hashes of a stage's collection; what several stages read is read through once. */
function hashesOnce({ out, signal }: StagesTraining) {
  const known = new Map<string, CollectionHashes>();
  return async ({ collection: named, split = "train" }: Stage, collection: TrainingCollection) => {
    const key = JSON.stringify([named ?? null, split]);
    const hashes =
      known.get(key) ??
      (await collectionHashes(collection, split, () => {
        if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped between two stages", { at: out });
      }));
    known.set(key, hashes);
    return hashes;
  };
}
