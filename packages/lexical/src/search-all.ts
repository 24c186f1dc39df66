import type { Run, ScoredDocument } from "@propria/metrics";

/** Scores one query: `(query) => bm25(index, query)`. */
export type Model = (query: string) => ScoredDocument[];

/** Answers every query: the run. */
export async function searchAll(
  _queries: AsyncIterable<{ id: string; text: string }> | Iterable<{ id: string; text: string }>,
  _model: Model,
): Promise<Run> {
  throw new Error("not built yet");
}
