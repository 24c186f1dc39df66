import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import type { Collection } from "../collection.ts";
import { readQrels } from "./qrels.ts";
import { readDocuments, readQueries } from "./records.ts";

/**
 * A folder in BEIR layout: `corpus.jsonl[.gz]`, `queries.jsonl[.gz]`, `qrels/SPLIT.tsv[.gz]`.
 *
 * @throws {PropriaError} `NOT_FOUND` when the corpus is missing; the other files are looked for when asked for.
 * @see Thakur et al., "BEIR: A heterogeneous benchmark for zero-shot evaluation of information retrieval models", NeurIPS 2021.
 */
export async function openBeir(folder: string): Promise<Collection> {
  const corpus = await fileOf(folder, "corpus");
  const splitFiles = async (): Promise<Map<string, string>> => {
    const names = await readdir(join(folder, "qrels")).catch(noneWhereMissing);
    const found = names.sort().flatMap((name) => {
      const split = /^(.+)\.tsv(\.gz)?$/.exec(name)?.[1];
      return split === undefined ? [] : [[split, join(folder, "qrels", name)] as const];
    });
    return new Map(found);
  };
  return {
    name: basename(resolve(folder)),
    documents: () => readDocuments([corpus]),
    async *queries() {
      yield* readQueries(await fileOf(folder, "queries"));
    },
    splits: async () => [...(await splitFiles()).keys()],
    async qrels(split) {
      const files = await splitFiles();
      const file = files.get(split);
      if (file === undefined) throw unknownSplit(folder, split, [...files.keys()]);
      return readQrels(file);
    },
  };
}

/** The error for a split that a collection does not have: `UNKNOWN_SPLIT`, with those it has. */
export function unknownSplit(at: string, split: string, known: readonly string[]): PropriaError {
  const nearest = nearestName(split, known);
  const list = known.length > 0 ? `there are: ${known.join(", ")}` : "there are no judgments in it";
  return new PropriaError("UNKNOWN_SPLIT", `no split "${split}"`, {
    at,
    mend: nearest ? `did you mean ${nearest}? ${list}` : list,
  });
}

function noneWhereMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code !== "ENOENT") throw error;
  return [];
}

/** The path of `NAME.jsonl` or `NAME.jsonl.gz`. */
async function fileOf(folder: string, name: "corpus" | "queries"): Promise<string> {
  for (const path of [join(folder, `${name}.jsonl`), join(folder, `${name}.jsonl.gz`)])
    if (await isFile(path)) return path;
  throw new PropriaError("NOT_FOUND", `no ${name}.jsonl or ${name}.jsonl.gz`, { at: folder });
}

/** Whether there is a file at a path. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
