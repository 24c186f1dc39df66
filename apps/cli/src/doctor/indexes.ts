/** Whether the libraries behind the approximate indexes are there and find what they should. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isPropriaError } from "@propria/base";
import { createIndex, type IndexKind } from "@propria/dense-index";

/** What came of trying a library. None is needed for exact search. */
export type IndexCheck = { name: string; kind: string } & (
  | { works: true; version: string }
  | { works: false; why: string; version?: string }
);

const LIBRARIES = [
  { name: "usearch", kind: "hnsw", tried: "hnsw" },
  { name: "faiss-node", kind: "faiss:FACTORY", tried: "faiss:Flat" },
] as const satisfies { name: string; kind: string; tried: IndexKind }[];

/** Puts two vectors into an index of each library, and asks for the nearer one. */
export async function checkIndexes(): Promise<IndexCheck[]> {
  const checks: IndexCheck[] = [];
  for (const { name, kind, tried } of LIBRARIES) {
    const version = versionOf(name);
    const why = await problemOf(tried);
    if (why === undefined) checks.push({ name, kind, works: true, version: version ?? "of unknown version" });
    else checks.push({ name, kind, works: false, why, ...(version !== undefined && { version }) });
  }
  return checks;
}

async function problemOf(kind: IndexKind): Promise<string | undefined> {
  try {
    const index = await createIndex({ kind, dimensions: 2, similarity: "dot", threads: 1 });
    try {
      await index.add(["left", "right"], Float32Array.of(1, 0, 0, 1));
      const [found = []] = await index.search(Float32Array.of(0.1, 0.9), { depth: 1 });
      return found[0]?.documentId === "right" ? undefined : "finds another vector than the nearest";
    } finally {
      await index.release();
    }
  } catch (error) {
    if (isPropriaError(error)) return error.message;
    throw error;
  }
}

/** Of the copy that the index package loads. */
function versionOf(name: string): string | undefined {
  const from = createRequire(createRequire(import.meta.url).resolve("@propria/dense-index/package.json"));
  for (const folder of from.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, "package.json");
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  }
  return undefined;
}
