import { rmSync } from "node:fs";
import { type Corpus, DocumentStore } from "@propria/collection";
import { type Documents, storedDocuments } from "@propria/rankers";
import { EXIT_INTERRUPTED } from "../program/failure.ts";
import type { ProgressDisplay } from "../program/progress.ts";

/**
 * Puts the documents of a corpus where each can be read by its id: in a folder beside `out`, for as long as `use` runs; Ctrl-C
 * takes it away too. So memory does not grow with the corpus.
 */
export async function withStoredDocuments<Result>(
  corpus: Corpus,
  { out, progress }: { out: string; progress: ProgressDisplay },
  use: (documents: Documents) => Promise<Result>,
): Promise<Result> {
  const folder = `${out}.documents-${process.pid}`;
  const remove = () => {
    for (const left of [folder, `${folder}.tmp`]) rmSync(left, { recursive: true, force: true });
  };
  const leave = () => {
    remove();
    process.exit(EXIT_INTERRUPTED);
  };
  process.once("SIGINT", leave).once("SIGTERM", leave);
  const step = progress.start("reading the corpus", "documents");
  const counted = async function* () {
    let count = 0;
    for await (const document of corpus.documents()) {
      yield document;
      step.update(++count);
    }
  };
  try {
    const store = await DocumentStore.create(folder, counted());
    step.end(`${store.size} documents`);
    try {
      return await use(storedDocuments(store));
    } finally {
      store.close();
    }
  } finally {
    process.off("SIGINT", leave).off("SIGTERM", leave);
    remove();
  }
}
