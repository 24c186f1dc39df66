import { join } from "node:path";
import { isPropriaError, PropriaError } from "@propria/base";
import {
  backendOf,
  checkOptions,
  faiss,
  faissSettings,
  hnswSettings,
  int8Candidates,
  type KindOptions,
  usearch,
} from "./cores.ts";
import type { DenseIndex, IndexKind, Similarity } from "./dense-index.ts";
import { DocumentTable } from "./documents/document-table.ts";
import { ID_FILE, readIds } from "./documents/id-file.ts";
import { ExactCore, VECTOR_FILE } from "./exact/exact-core.ts";
import { Int8Core } from "./exact/int8-core.ts";
import type { Factory } from "./faiss/factory.ts";
import { FAISS_FILE, FaissCore } from "./faiss/faiss-core.ts";
import type { Breadths } from "./faiss/header.ts";
import { GRAPH_FILE, HnswCore } from "./hnsw/hnsw-core.ts";
import type { IndexCore } from "./index-core.ts";
import type { OpeningOptions } from "./options.ts";
import { readRows } from "./rows/read-rows.ts";
import { requireSameSpace } from "./space.ts";
import { readHashed, verify } from "./storage/files.ts";
import { field, type Manifest, readManifest, storedFile } from "./storage/manifest.ts";
import { dataFolder } from "./storage/save-folder.ts";
import { type IndexIdentity, storedIndex } from "./stored-index.ts";

/**
 * An index from a folder. Every file is read and compared with its hash before it is used.
 *
 * @param options How it runs; `space`, if given, is required of the index. What it was built with stands in its manifest.
 * @throws {PropriaError} `NOT_FOUND`, `NOT_AN_INDEX`, `DAMAGED`, `SPACE_MISMATCH`; what {@link createIndex} throws.
 */
export async function openIndex(folder: string, { space, ...options }: OpeningOptions = {}): Promise<DenseIndex> {
  for (;;) {
    const manifest = await readManifest(folder, "propria-index");
    if (space) requireSameSpace(space, manifest.space ?? undefined, { at: folder });
    try {
      return await openData(folder, manifest, options);
    } catch (error) {
      if (!isPropriaError(error) || error.code !== "DAMAGED") throw error;
      const now = await readManifest(folder, "propria-index");
      if (now.data === manifest.data) throw error; // otherwise another process has just replaced the index
    }
  }
}

async function openData(folder: string, manifest: Manifest, running: OpeningOptions): Promise<DenseIndex> {
  const kind = field(manifest, "kind", folder, isString) as IndexKind;
  const similarity = field(manifest, "similarity", folder, isString) as Similarity;
  const rowCount = field(manifest, "rows", folder, isNumber);
  const { dimensions, space } = manifest;
  const identity: IndexIdentity = { kind, dimensions, similarity, space: space ?? undefined };
  const data = dataFolder(folder, manifest);
  const stored = manifest.options as KindOptions & { factory?: string };
  if (typeof stored !== "object" || stored === null)
    throw new PropriaError("DAMAGED", "options are missing", { at: folder });
  const { factory: _, threads: __, ...built } = stored;
  const options: KindOptions = { ...built, ...running };
  const factory = checkOptions(identity, options);
  const ids = await readIds(data, storedFile(manifest, ID_FILE, folder));
  if (ids.length !== rowCount)
    throw new PropriaError("DAMAGED", `${ids.length} ids, expected ${rowCount}`, { at: join(data, ID_FILE) });
  const source: Source = { folder, data, manifest, rowCount, dimensions, options };
  const core = factory
    ? await openFaiss(source, factory, stored)
    : kind === "hnsw"
      ? await openHnsw(source)
      : await openExact(source);
  return storedIndex(identity, new DocumentTable({ reuse: core.reusesRows, ids }), core);
}

interface Source {
  folder: string;
  data: string;
  manifest: Manifest;
  rowCount: number;
  dimensions: number;
  options: KindOptions;
}

async function openExact(source: Source): Promise<IndexCore> {
  const { dimensions, rowCount, options } = source;
  const backend = await backendOf(options);
  if (options.quantize !== "int8") {
    const core = new ExactCore({ dimensions, backend });
    await eachRows(source, (rows, vectors) => core.put(rows, vectors));
    return core;
  }
  const core = new Int8Core({ dimensions, backend, candidates: int8Candidates(options) });
  core.vectors.over(join(source.data, VECTOR_FILE), rowCount);
  await eachRows(source, async (rows, vectors) => {
    for (const [i, row] of rows.entries()) core.encode(row, vectors.subarray(i * dimensions, (i + 1) * dimensions));
  }).catch(async (error: unknown) => {
    await core.release();
    throw error;
  });
  return core;
}

async function openHnsw(source: Source): Promise<IndexCore> {
  const { data, manifest, folder, dimensions, options } = source;
  const graph = await verify(data, GRAPH_FILE, storedFile(manifest, GRAPH_FILE, folder));
  const core = await HnswCore.open(
    hnswSettings(dimensions, options),
    await usearch(),
    source.rowCount > 0 ? graph : undefined,
  );
  await eachRows(source, async (rows, vectors) => {
    for (const [i, row] of rows.entries())
      core.vectors.set(row, vectors.subarray(i * dimensions, (i + 1) * dimensions));
  }).catch(async (error: unknown) => {
    await core.release();
    throw error;
  });
  return core;
}

async function openFaiss(source: Source, factory: Factory, stored: KindOptions): Promise<IndexCore> {
  const { data, manifest, folder, dimensions, rowCount, options } = source;
  const library = await faiss(options);
  const file = await verify(data, FAISS_FILE, storedFile(manifest, FAISS_FILE, folder));
  const { efConstruction, efSearch } = stored;
  const found: Breadths | undefined =
    efConstruction === undefined || efSearch === undefined ? undefined : { efConstruction, efSearch };
  return FaissCore.open(faissSettings(dimensions, factory, options), library, { file, rows: rowCount, found });
}

/** The rows of the vectors' file, some thousands at a time. */
async function eachRows(
  { data, manifest, folder, dimensions, rowCount }: Source,
  take: (rows: readonly number[], vectors: Float32Array) => Promise<void>,
): Promise<void> {
  const expected = storedFile(manifest, VECTOR_FILE, folder);
  if (expected.bytes !== rowCount * dimensions * 4)
    throw new PropriaError("DAMAGED", `${expected.bytes} bytes for ${rowCount} rows of ${dimensions}`, {
      at: join(data, VECTOR_FILE),
    });
  let row = 0;
  for await (const vectors of readRows(readHashed(data, VECTOR_FILE, expected), dimensions)) {
    const first = row;
    row += vectors.length / dimensions;
    await take(
      Array.from({ length: row - first }, (_, i) => first + i),
      vectors,
    );
  }
}

const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
