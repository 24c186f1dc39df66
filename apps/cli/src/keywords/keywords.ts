/** The words that represent a document, in the readings that there are. */
import { type Document, documentText } from "@propria/collection";
import {
  type AttendedKeywords,
  attendedKeywords,
  likelyKeywords,
  type RankedWord,
  type WordStatistics,
  type WordWeights,
} from "@propria/rop-sampler";
import type { Attended, Background } from "./background.ts";

/** All words of a document in each reading, best first; without a model the first alone. */
export interface Keywords extends Partial<AttendedKeywords> {
  /** A file's path, or the id of a document of the corpus. */
  id: string;
  queryLikelihood: RankedWord[];
}

/** What a reading is called, and what its words are ranked by; in the order shown. */
const READINGS = [
  { name: "queryLikelihood", title: "language model", measure: "P(w|θ)" },
  { name: "attention", title: "attention", measure: "β" },
  { name: "contrastive", title: "contrast", measure: "γ, bits" },
] as const;

/** A document's readings, those that there are. */
export const readingsOf = (keywords: Keywords) =>
  READINGS.flatMap(({ name, ...about }) => (keywords[name] ? [{ ...about, words: keywords[name] }] : []));

/** Which documents of the corpus are asked about, where there are none beside it. */
export interface Asked {
  ids: readonly string[] | undefined;
  limit: number | undefined;
}

/** The keywords of the documents that are asked about, one by one. */
export async function* keywordsOf(
  { corpus, besides }: Background,
  statistics: WordStatistics,
  attended: Attended | undefined,
  { ids, limit }: Asked,
): AsyncGenerator<Keywords> {
  const likely = likelyKeywords(statistics);
  const byAttention = attended && attendedKeywords(attended.random);
  const read = (document: Document, weights: WordWeights | undefined): Keywords => ({
    id: document.id,
    queryLikelihood: likely(documentText(document)),
    ...(weights && byAttention?.(weights)),
  });
  for (const [i, document] of besides.entries()) yield read(document, attended?.besides[i]);
  if (besides.length > 0) return;
  let number = 0;
  let left = limit ?? Number.POSITIVE_INFINITY;
  for await (const document of corpus.documents()) {
    const place = number++;
    if (ids !== undefined && !ids.includes(document.id)) continue;
    yield read(document, attended?.inCorpus(place));
    if (--left === 0) return;
  }
}
