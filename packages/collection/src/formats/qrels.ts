import type { Qrels } from "@propria/metrics";

/** `trec`: `query 0 document grade`; `beir`: a header and `query document grade` with tabs. */
export type QrelsFormat = "trec" | "beir";

/** Reads judgments of either format. */
export async function readQrels(path: string): Promise<Qrels> {
  throw new Error(`not there yet: ${path}`);
}

/** Writes judgments, whole or not at all; without `format`, `.tsv` is `beir` and all else `trec`. */
export async function writeQrels(path: string, qrels: Qrels, { format }: { format?: QrelsFormat } = {}): Promise<void> {
  throw new Error(`not there yet: ${path} ${qrels.size} ${format}`);
}
