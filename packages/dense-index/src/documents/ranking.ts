import { compareDocumentIds, type ScoredDocument } from "@propria/metrics";

/** Rows with their scores, in any order. */
export interface Candidates {
  rows: ArrayLike<number>;
  scores: ArrayLike<number>;
}

/** The best documents among candidates: score down, then document id down, as trec_eval ranks. Holes are left out. */
export function best(
  { rows, scores }: Candidates,
  ids: readonly (string | undefined)[],
  depth: number,
): ScoredDocument[] {
  const documents: ScoredDocument[] = [];
  for (let i = 0; i < rows.length; i++) {
    const documentId = ids[rows[i]!];
    if (documentId !== undefined) documents.push({ documentId, score: scores[i]! });
  }
  documents.sort((a, b) => b.score - a.score || compareDocumentIds(b.documentId, a.documentId));
  if (documents.length > depth) documents.length = depth;
  return documents;
}
