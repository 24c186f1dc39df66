/** How a model places a query among its judged documents, in numbers: what stands beside a t-SNE picture, whose distances mean nothing. */
import { PropriaError } from "@propria/base";

/** Vectors of one query and its judged documents. */
export interface JudgedVectors {
  /** `[dimensions]`. */
  query: Float32Array;
  /** The judged documents' vectors, `[documents · dimensions]`, row after row. */
  documents: Float32Array;
  /** Of each document: 1 and above is relevant. */
  grades: readonly number[];
}

/** The companions of the picture. Where the query has no document of a kind, the values that need one are `undefined`. */
export interface Neighbourhood {
  relevant: number;
  nonRelevant: number;
  /** Mean similarity of the query and its relevant documents. */
  relevantSimilarity: number | undefined;
  /** Likewise the judged documents that are not relevant. */
  nonRelevantSimilarity: number | undefined;
  /** The first less the second. */
  margin: number | undefined;
  /** Share of pairs (relevant, not relevant) in which the relevant one is more similar; ties count half. 0.5 is chance, 1 is perfect. */
  auc: number | undefined;
}

/**
 * The neighbourhood of one query.
 *
 * @param similarity `"cosine"` (default) has one scale for all models; `"dot"` has the model's own, which only one model's queries share.
 * @throws {PropriaError} `DIMENSIONS` when the documents' numbers are not those of `grades` times the query's.
 */
export function neighbourhood(
  { query, documents, grades }: JudgedVectors,
  similarity: "cosine" | "dot" = "cosine",
): Neighbourhood {
  const dimensions = query.length;
  if (documents.length !== grades.length * dimensions)
    throw new PropriaError("DIMENSIONS", `${documents.length} numbers for ${grades.length} documents`, {
      at: "documents",
      mend: `${dimensions} numbers for each, as the query has`,
    });
  const similarities = grades.map((_, i) => {
    const document = documents.subarray(i * dimensions, (i + 1) * dimensions);
    return similarity === "dot" ? dot(query, document) : cosine(query, document);
  });
  const relevant = similarities.filter((_, i) => grades[i]! >= 1);
  const nonRelevant = similarities.filter((_, i) => grades[i]! < 1);
  const [relevantSimilarity, nonRelevantSimilarity] = [mean(relevant), mean(nonRelevant)];
  return {
    relevant: relevant.length,
    nonRelevant: nonRelevant.length,
    relevantSimilarity,
    nonRelevantSimilarity,
    margin:
      relevantSimilarity === undefined || nonRelevantSimilarity === undefined
        ? undefined
        : relevantSimilarity - nonRelevantSimilarity,
    auc: auc(relevant, nonRelevant),
  };
}

/** The means of several queries' values, each over the queries that have it; the counts are sums. */
export function meanNeighbourhood(all: readonly Neighbourhood[]): Neighbourhood {
  const over = (field: "relevantSimilarity" | "nonRelevantSimilarity" | "margin" | "auc") =>
    mean(all.map((each) => each[field]).filter((value) => value !== undefined));
  return {
    relevant: all.reduce((sum, { relevant }) => sum + relevant, 0),
    nonRelevant: all.reduce((sum, { nonRelevant }) => sum + nonRelevant, 0),
    relevantSimilarity: over("relevantSimilarity"),
    nonRelevantSimilarity: over("nonRelevantSimilarity"),
    margin: over("margin"),
    auc: over("auc"),
  };
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** 0 with a vector of zeros. */
function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}

/** Mann and Whitney's U over its maximum. */
function auc(above: readonly number[], below: readonly number[]): number | undefined {
  if (above.length === 0 || below.length === 0) return undefined;
  let won = 0;
  for (const a of above) for (const b of below) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / (above.length * below.length);
}
