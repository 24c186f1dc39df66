import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Document, DocumentStore, openCollection, openCorpus } from "@propria/collection";
import { type Run, ranked } from "@propria/metrics";
import { openReranker, rerank, storedDocuments } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type StepContext } from "../graph/step.ts";
import { keepRun, type RunStep, runOf } from "./search.ts";

/** The first `depth` documents of each query of a collection in the order of a model; the others are left out. The texts stand in a corpus, which may be the same. */
export const rerankStep = (
  label: string,
  model: FolderStep,
  candidates: RunStep,
  collection: FolderStep,
  settings: { depth: number },
  corpus: FolderStep = collection,
): RunStep =>
  defineStep({
    name: `re-ranking ${label}`,
    kind: "rerank",
    version: 1,
    settings: { ...settings },
    inputs: { model, candidates, collection, corpus },
    async run(context) {
      const { threads, onProgress, stopIfAsked } = context;
      const { depth } = settings;
      const run = await runOf(context, candidates);
      const opened = await openCollection(pathOf(context, collection));
      const { model: reranker } = await openReranker(pathOf(context, model), {
        ...(threads !== undefined && { threads }),
      });
      try {
        return await withCandidates(context, { run, depth, corpus }, async (documents) => {
          const reranked = await rerank(reranker, run, opened.queries(), storedDocuments(documents), {
            depth,
            onProgress: ({ pairs, totalPairs }) => {
              stopIfAsked();
              onProgress({ done: pairs, total: totalPairs, unit: "pairs" });
            },
          });
          return keepRun(context, reranked);
        });
      } finally {
        await reranker.release();
      }
    },
  });

/** Keeps the documents that a run's top names on disk for as long as `use` runs: a corpus may be larger than the memory. */
async function withCandidates<Result>(
  context: StepContext,
  { run, depth, corpus }: { run: Run; depth: number; corpus: FolderStep },
  use: (documents: DocumentStore) => Promise<Result>,
): Promise<Result> {
  const wanted = new Set(
    [...run.values()].flatMap((list) =>
      ranked(list)
        .slice(0, depth)
        .map((each) => each.documentId),
    ),
  );
  const opened = await openCorpus(pathOf(context, corpus));
  async function* named(): AsyncGenerator<Document> {
    for await (const document of opened.documents()) if (wanted.has(document.id)) yield document;
  }
  const folder = join(context.folder, "candidates");
  await rm(folder, { recursive: true, force: true });
  const documents = await DocumentStore.create(folder, named());
  try {
    return await use(documents);
  } finally {
    documents.close();
    await rm(folder, { recursive: true, force: true });
  }
}
