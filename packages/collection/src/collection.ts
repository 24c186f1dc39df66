import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PropriaError, surroundingsError } from "@propria/base";
import { nearestName, type Qrels } from "@propria/metrics";
import type { Document, Query } from "./document.ts";
import { isFile, openBeir } from "./formats/beir.ts";
import { readDocuments } from "./formats/records.ts";
import { openPackages } from "./packages/packages.ts";

/** Documents that can be read from the beginning any number of times, always in one order. */
export interface Corpus {
  readonly name: string;
  documents(): AsyncIterable<Document>;
}

/** A corpus with queries and judgments. */
export interface Collection extends Corpus {
  queries(): AsyncIterable<Query>;
  /** Judgments of a split. @throws {PropriaError} `UNKNOWN_SPLIT`, with the splits there are. */
  qrels(split: string): Promise<Qrels>;
  splits(): Promise<string[]>;
  /** What the reader left out, counted by reason; only where a reader leaves something out. */
  omitted?(): Promise<Record<string, number>>;
}

/** Readers of whole collections, by the name before the colon. */
const COLLECTION_FORMATS: Readonly<Record<string, (path: string) => Promise<Collection>>> = {
  beir: openBeir,
  packages: openPackages,
};

/** Readers of documents alone. */
const CORPUS_FORMATS: Readonly<Record<string, (path: string) => Promise<Corpus>>> = {
  ...COLLECTION_FORMATS,
  jsonl: openJsonLines,
};

/**
 * Opens a collection: a folder in BEIR layout, or `FORMAT:PATH` with the format `beir` or `packages` (`packages:node_modules`).
 *
 * @throws {PropriaError} `NOT_FOUND`, `UNKNOWN_FORMAT` (with those there are); what the files hold is seen when it is read.
 */
export async function openCollection(spec: string): Promise<Collection> {
  const { format, path } = await parseSpec(spec, Object.keys(COLLECTION_FORMATS));
  await mustExist(path);
  return COLLECTION_FORMATS[format ?? "beir"]!(path);
}

/**
 * Opens documents alone: any collection, a folder of parts `*.jsonl[.gz]` (in the order of their names, as one corpus), one
 * such file, or `FORMAT:PATH` with the format `beir`, `packages` or `jsonl`.
 *
 * @throws {PropriaError} `NOT_FOUND`, `UNKNOWN_FORMAT`.
 */
export async function openCorpus(spec: string): Promise<Corpus> {
  const { format, path } = await parseSpec(spec, Object.keys(CORPUS_FORMATS));
  await mustExist(path);
  if (format !== undefined) return CORPUS_FORMATS[format]!(path);
  const inBeirLayout = (await isFile(join(path, "corpus.jsonl"))) || (await isFile(join(path, "corpus.jsonl.gz")));
  return inBeirLayout ? openBeir(path) : openJsonLines(path);
}

/**
 * The queries that have a judgment in a split, in the order of the queries file.
 *
 * @throws {PropriaError} `QUERY_MISSING` when a judged query has no text; `UNKNOWN_SPLIT`.
 */
export async function queriesOf(collection: Collection, split: string): Promise<Query[]> {
  const qrels = await collection.qrels(split);
  const queries: Query[] = [];
  for await (const query of collection.queries()) if (qrels.has(query.id)) queries.push(query);
  if (queries.length === qrels.size) return queries;
  const found = new Set(queries.map(({ id }) => id));
  const missing = [...qrels.keys()].filter((id) => !found.has(id));
  throw new PropriaError("QUERY_MISSING", `no text for query "${missing[0]}", which has judgments in ${split}`, {
    at: collection.name,
    ...(missing.length > 1 ? { mend: `${missing.length} queries are missing` } : {}),
  });
}

/** One file of JSON lines, or a folder of such parts. */
async function openJsonLines(path: string): Promise<Corpus> {
  if (await isFile(path))
    return { name: basename(path).replace(/\.jsonl?(\.gz)?$/, ""), documents: () => readDocuments([path]) };
  const parts = (await readdir(path)).filter((name) => /\.jsonl(\.gz)?$/.test(name)).sort();
  if (parts.length === 0)
    throw new PropriaError("NOT_FOUND", "no corpus.jsonl and no other *.jsonl or *.jsonl.gz", { at: path });
  const paths = parts.map((part) => join(path, part));
  return { name: basename(resolve(path)), documents: () => readDocuments(paths) };
}

/** A path that exists wins over a format; two letters at least, for Windows' drives. */
async function parseSpec(spec: string, known: string[]): Promise<{ format?: string; path: string }> {
  const [, format, path] = /^([A-Za-z][\w-]+):(.*)$/s.exec(spec) ?? [];
  if (format === undefined || path === undefined || (await exists(spec))) return { path: spec };
  if (known.includes(format)) return { format, path };
  const nearest = nearestName(format, known);
  throw new PropriaError("UNKNOWN_FORMAT", `no format "${format}" here`, {
    at: spec,
    mend: `${nearest ? `did you mean ${nearest}? ` : ""}there are: ${known.join(", ")}`,
  });
}

async function mustExist(path: string): Promise<void> {
  await stat(path).catch((error: unknown) => Promise.reject(surroundingsError(error, path)));
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
