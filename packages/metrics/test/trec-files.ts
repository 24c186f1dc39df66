import { readFileSync } from "node:fs";
import type { Qrels, Run } from "../src/index.ts";

/** The package itself reads no files; its tests read TREC's, small and well-formed. */
export function qrelsOf(path: string): Qrels {
  const qrels: Qrels = new Map();
  for (const [queryId, , documentId, grade] of rows(path)) {
    if (!qrels.has(queryId!)) qrels.set(queryId!, new Map());
    qrels.get(queryId!)!.set(documentId!, Number(grade));
  }
  return qrels;
}

export function runOf(path: string): Run {
  const run: Run = new Map();
  for (const [queryId, , documentId, , score] of rows(path)) {
    if (!run.has(queryId!)) run.set(queryId!, []);
    run.get(queryId!)!.push({ documentId: documentId!, score: Number(score) });
  }
  return run;
}

export const rows = (path: string): string[][] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/));
