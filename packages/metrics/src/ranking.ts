import type { Order } from "./compat.ts";
import type { ScoredDocument } from "./run.ts";

/**
 * The documents of one query, best first: score down, then document id down.
 *
 * Equal to trec_eval (`form_res_rels.c`): ties break by document id, descending, compared byte by byte; a rank column
 * is ignored. `order` names the other orders of `Compat`.
 *
 * @returns A new array.
 * @example
 * ranked([{ documentId: "a", score: 1 }, { documentId: "b", score: 1 }])[0].documentId; // "b"
 */
export function ranked<D extends ScoredDocument>(documents: readonly D[], order: Order = "score"): D[] {
  switch (order) {
    case "score":
      return documents.toSorted(
        (a, b) => compareNumbers(b.score, a.score) || compareDocumentIds(b.documentId, a.documentId),
      );
    case "float32-score":
      return documents.toSorted(
        (a, b) =>
          compareNumbers(Math.fround(b.score), Math.fround(a.score)) || compareDocumentIds(b.documentId, a.documentId),
      );
    case "stable-score":
      return documents.toSorted((a, b) => compareNumbers(b.score, a.score));
    case "given":
      return [...documents];
  }
}

/** Without subtraction: ∞ − ∞ is no number. */
const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of C's `strcmp` over UTF-8, which is that of code points; below zero when `a` comes first. */
export function compareDocumentIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return byCodePoint(left) - byCodePoint(right);
  }
  return a.length - b.length;
}

/** Halves of surrogate pairs stand for code points above all others, though their units are below U+E000 … U+FFFF. */
const byCodePoint = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
