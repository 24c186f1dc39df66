/** Whether things that were made apart belong together: an index and a collection, several runs. */
import { PropriaError } from "@propria/base";
import type { Qrels, Run } from "@propria/metrics";

/** An index and the judgments that its rankings are measured by, with their names for errors. */
export interface JudgedIndex {
  /** Whether a document of this id is in it. */
  has(documentId: string): boolean;
  /** Folder or file. */
  at: string;
  qrels: Qrels;
  collection: string;
  split: string;
  /** How to make one of the collection. */
  mend: string;
}

/**
 * An index may hold more than a collection, or a part of it; one without a single judged document is another collection's.
 *
 * @returns What to tell of judged documents that are not in the index; undefined where all are.
 * @throws {PropriaError} `OTHER_COLLECTION`, naming a document.
 */
export function requireJudged({ has, at, qrels, collection, split, mend }: JudgedIndex): string | undefined {
  const judged = new Set([...qrels.values()].flatMap((documents) => [...documents.keys()]));
  const missing = [...judged].filter((id) => !has(id));
  if (missing.length === 0) return undefined;
  if (missing.length === judged.size)
    throw new PropriaError(
      "OTHER_COLLECTION",
      `has none of the ${judged.size} judged documents of ${collection}, split ${split}, such as ${missing[0]}: it is of another collection`,
      { at, mend },
    );
  return `${at} lacks ${missing.length} of the ${judged.size} judged documents of split ${split}, such as ${missing[0]}`;
}

/** A run and its file. */
export interface NamedRun {
  file: string;
  run: Run;
}

/**
 * Each run needs a query that another one has, and a document, be it for other queries.
 *
 * @throws {PropriaError} `OTHER_COLLECTION`, naming the run and an id.
 */
export function requireCommon(runs: readonly NamedRun[]): void {
  for (const { file, run } of runs) {
    const others = runs.filter((other) => other.file !== file);
    if (others.length === 0) continue;
    const refuse = (what: string, id: string) =>
      new PropriaError("OTHER_COLLECTION", `has no ${what} in common with ${filesOf(others)}: ${id} is in none`, {
        at: file,
        mend: "give runs over one collection and one split; or --disjoint, where each is over a part of it",
      });
    const queries = [...run.keys()];
    if (!queries.some((id) => others.some((other) => other.run.has(id)))) throw refuse("query", queries[0]!);
    const elsewhere = new Set(others.flatMap((other) => documentsOf(other.run)));
    const documents = documentsOf(run);
    if (!documents.some((id) => elsewhere.has(id))) throw refuse("document", documents[0]!);
  }
}

const documentsOf = (run: Run): string[] => [...run.values()].flat().map(({ documentId }) => documentId);

const filesOf = (runs: readonly NamedRun[]): string => [...new Set(runs.map(({ file }) => file))].join(", ");
