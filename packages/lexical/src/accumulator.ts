import { compareDocumentIds, type ScoredDocument } from "@propria/metrics";
import type { InvertedIndex } from "./inverted-index.ts";

/** Sums of one query by document. Invariant between queries: `sums` is all 0 and `touched` is empty. */
export interface Accumulator {
  /** By document; 0 for a document that no term touched, so what is added must be above 0. */
  sums: Float64Array;
  /** Documents with a sum, in the order in which they were touched. */
  touched: number[];
}

const accumulators = new WeakMap<InvertedIndex, Accumulator>();

/** The sums of an index, which are kept from query to query: a fresh array would cost more than most queries do. */
export function accumulatorOf(index: InvertedIndex): Accumulator {
  let accumulator = accumulators.get(index);
  if (!accumulator) {
    accumulator = { sums: new Float64Array(index.documentCount), touched: [] };
    accumulators.set(index, accumulator);
  }
  return accumulator;
}

/** Adds to a document's sum; `amount` > 0. */
export function accumulate({ sums, touched }: Accumulator, document: number, amount: number): void {
  if (sums[document] === 0) touched.push(document);
  sums[document]! += amount;
}

/**
 * The `depth` best documents, score down, then document id down, as trec_eval ranks; clears the accumulator.
 * By a heap of `depth` entries: O(touched · log depth).
 */
export function takeBest(index: InvertedIndex, { sums, touched }: Accumulator, depth: number): ScoredDocument[] {
  const ids = index.documentIds;
  const isWorse = (a: number, b: number) =>
    sums[a]! !== sums[b]! ? sums[a]! < sums[b]! : compareDocumentIds(ids[a]!, ids[b]!) < 0;
  const heap: number[] = []; // the worst on top
  for (const document of touched) {
    if (heap.length < depth) {
      heap.push(document);
      siftUp(heap, isWorse);
    } else if (isWorse(heap[0]!, document)) {
      heap[0] = document;
      siftDown(heap, isWorse);
    }
  }
  const best = heap
    .sort((a, b) => (isWorse(a, b) ? 1 : -1))
    .map((document) => ({ documentId: ids[document]!, score: sums[document]! }));
  for (const document of touched) sums[document] = 0;
  touched.length = 0;
  return best;
}

type IsAbove = (a: number, b: number) => boolean;

function siftUp(heap: number[], isAbove: IsAbove): void {
  let at = heap.length - 1;
  const moved = heap[at]!;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isAbove(moved, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = moved;
}

function siftDown(heap: number[], isAbove: IsAbove): void {
  let at = 0;
  const moved = heap[0]!;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isAbove(heap[child + 1]!, heap[child]!)) child++;
    if (!isAbove(heap[child]!, moved)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}
