import { rm } from "node:fs/promises";
import { type Corpus, DocumentStore } from "@propria/collection";
import { type Documents, storedDocuments } from "@propria/rankers";
import { withCleanExit } from "../program/clean-exit.ts";
import type { ProgressDisplay } from "../program/progress.ts";

/**
 * Puts the documents of a corpus where each can be read by its id: in a folder beside `out`, for as long as `use` runs, which writes `out`. Ctrl-C
 * takes it away too, and what is written of `out`. So memory does not grow with the corpus.
 */
export async function withStoredDocuments<Result>(
  corpus: Corpus,
  { out, progress }: { out: string; progress: ProgressDisplay },
  use: (documents: Documents) => Promise<Result>,
): Promise<Result> {
  const folder = `${out}.documents-${process.pid}`;
  const places = [folder, `${folder}.tmp`, `${out}.tmp`];
  const step = progress.start("reading the corpus", "documents");
  const counted = async function* () {
    let count = 0;
    for await (const document of corpus.documents()) {
      yield document;
      step.update(++count);
    }
  };
  return withCleanExit(places, async () => {
    try {
      const store = await DocumentStore.create(folder, counted());
      step.end(`${store.size} documents`);
      try {
        return await use(storedDocuments(store));
      } finally {
        store.close();
      }
    } finally {
      for (const place of places) await rm(place, { recursive: true, force: true });
    }
  });
}
