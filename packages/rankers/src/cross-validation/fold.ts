/** One fold of a cross-validation: its model, and the test of it. */
import { existsSync } from "node:fs";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { readRun, writeRun } from "@propria/collection";
import { evaluate, type Run } from "@propria/metrics";
import { readModelCard } from "@propria/transformer-core";
import type { Adaptable } from "../adapted/adapting.ts";
import { storedDocuments } from "../documents.ts";
import { finetuneCrossEncoder } from "../finetune-cross-encoder.ts";
import { finetuneInteraction } from "../interaction/finetune-interaction.ts";
import { openReranker } from "../open-reranker.ts";
import { rerank } from "../rerank.ts";
import type { TrainingCollection } from "../training-documents.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { CrossValidation, FoldProgress, FoldResult, Work } from "./cross-validate.ts";
import { filesOf } from "./note.ts";

/** What the folds have in common besides: the candidates of all queries, and word vectors where they were learnt for them. */
export interface FoldWork extends Work {
  candidates: Run;
  vectors: string | undefined;
}

/** Trains and tests the model of a fold, counted from 0, but for what an earlier call left of that. */
export async function foldOf(fold: number, work: FoldWork): Promise<FoldResult & { run: Run }> {
  const { training, settings, folds, qrels } = work;
  const { model, tested } = filesOf(training.out);
  const [folder, file] = [model(fold), tested(fold)];
  const tell = (doing: FoldProgress["doing"], at = { pairs: 0, totalPairs: 0 }) =>
    training.onFold?.({ fold: fold + 1, folds: folds.length, doing, ...at });
  if (existsSync(file)) tell("skip");
  else {
    if (!existsSync(`${folder}/propria.json`)) {
      tell("train");
      await train(fold, work);
    }
    await writeRun(file, await test(fold, work, (at) => tell("test", at)), { tag: tagOf(training) });
  }
  const run = await readRun(file);
  const { measures, mean } = evaluate(only(qrels, folds[fold]!), run, [settings.measure]);
  const best = (await readModelCard(folder))!.provenance.best as FoldResult["validation"];
  return { ...{ folder, queries: folds[fold]!.length, validation: best }, test: mean[measures[0]!]!, run };
}

/** What the runs are called. */
export const tagOf = (training: CrossValidation) => ("model" in training ? training.model.model : "cross-encoder");

const TRAIN = "train";
const VALIDATION = "validation";

async function train(fold: number, { training, settings, qrels, folds, documents, vectors }: FoldWork): Promise<void> {
  const { folds: _, onFold: __, validation: ___, ...options } = training;
  const { model, parts: partsFile, candidates: file } = filesOf(training.out);
  const next = (fold + 1) % folds.length;
  const parts: Readonly<Record<string, readonly string[]>> = {
    [TRAIN]: folds.filter((_, i) => i !== fold && i !== next).flat(),
    [VALIDATION]: folds[next]!,
    test: folds[fold]!,
  };
  await writeFileAtomically(partsFile(fold), `${JSON.stringify(parts, null, 2)}\n`);
  const collection: TrainingCollection = {
    name: training.collection.name,
    documents: () => documents.documents(),
    queries: () => training.collection.queries(),
    qrels: async (split) => only(qrels, parts[split]!),
  };
  const negatives = training.negatives ?? "bm25";
  const shared = {
    ...{ collection, split: TRAIN, out: model(fold), resume: "auto" as const },
    validation: { ...settings, split: VALIDATION, candidates: { file } },
    negatives: negatives === "bm25" && settings.candidates === "bm25" ? { file } : negatives,
  };
  if ("model" in options)
    await finetuneInteraction({ ...options, ...shared, ...(vectors !== undefined && { vectors: { file: vectors } }) });
  else await finetuneCrossEncoder({ ...options, ...shared });
}

async function test(
  fold: number,
  { training, settings, queries, folds, documents, candidates }: FoldWork,
  onProgress: (at: { pairs: number; totalPairs: number }) => void,
): Promise<Run> {
  const { out, signal, backend, threads } = training;
  const { adapter, base, adapters = adapter && [adapter.adapter] } = training as Partial<Adaptable>;
  const options = withoutUndefined({ backend, threads, base, adapters });
  const { model } = await openReranker(filesOf(out).model(fold), options);
  try {
    return await rerank(model, only(candidates, folds[fold]!), queries, storedDocuments(documents), {
      depth: settings.depth,
      onProgress(at) {
        if (signal?.aborted)
          throw new PropriaError("INTERRUPTED", `stopped in the test of fold ${fold + 1}`, { at: out });
        onProgress(at);
      },
    });
  } finally {
    await model.release();
  }
}

/** The part of something that is kept by query. */
const only = <Value>(all: ReadonlyMap<string, Value>, queryIds: readonly string[]): Map<string, Value> =>
  new Map(queryIds.filter((id) => all.has(id)).map((id) => [id, all.get(id)!]));
