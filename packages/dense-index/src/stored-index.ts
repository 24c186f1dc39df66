/** What all kinds have in common: ids, checks, turns, ties, and the folder. */
import { join } from "node:path";
import { PropriaError, serial } from "@propria/base";
import type { ScoredDocument } from "@propria/metrics";
import type { DenseIndex, IndexInfo, IndexKind, SearchOptions, Similarity } from "./dense-index.ts";
import type { DocumentTable } from "./documents/document-table.ts";
import { ID_FILE, idBytes } from "./documents/id-file.ts";
import { best } from "./documents/ranking.ts";
import type { IndexCore, Rows } from "./index-core.ts";
import { checkedVectors, expectDepth } from "./input.ts";
import { type Space, spaceHash } from "./space.ts";
import { writeHashed } from "./storage/files.ts";
import { saveFolder } from "./storage/save-folder.ts";

/** What an index is, whatever is in it. */
export interface IndexIdentity {
  kind: IndexKind;
  dimensions: number;
  similarity: Similarity;
  space: Space | undefined;
}

/** An index over a kind's core. */
export function storedIndex(
  { kind, dimensions, similarity, space }: IndexIdentity,
  table: DocumentTable,
  core: IndexCore,
): DenseIndex {
  const inTurn = serial();
  let released: Promise<void> | undefined;
  const rows = (): Rows => ({ count: table.rowCount, live: table.size, has: table.has });
  const checked = (vectors: Float32Array, what: string, count?: number) =>
    checkedVectors(vectors, { dimensions, similarity, what, ...(count === undefined ? {} : { rows: count }) });
  let failure: unknown;
  const refuseReleased = (): void => {
    if (released) throw new PropriaError("RELEASED", "this index was released", { mend: "open it again" });
  };
  const refuseBroken = (): void => {
    if (failure === undefined) return;
    throw new PropriaError("BROKEN", "an addition failed half way: vectors and ids may not belong together any more", {
      mend: "open the saved index again",
      cause: failure,
    });
  };
  const info = (): IndexInfo => ({
    kind,
    dimensions,
    similarity,
    size: table.size,
    space,
    spaceHash: space && spaceHash(space),
    bytes: core.bytes,
    options: core.options,
  });
  return {
    kind,
    dimensions,
    similarity,
    space,
    get size() {
      return table.size;
    },
    has: (documentId) => table.hasDocument(documentId),
    async add(ids, vectors) {
      refuseReleased();
      const own = [...ids];
      const kept = checked(vectors, "vectors", own.length); // now: the caller may change its arrays afterwards
      await inTurn(async () => {
        refuseBroken();
        table.refuseKnown(own);
        if (own.length === 0) return;
        const taken = table.rowsFor(own.length);
        await core.put(taken, kept).catch((error: unknown) => {
          failure = error;
          throw error;
        });
        table.assign(own, taken);
      });
    },
    async delete(ids) {
      refuseReleased();
      const own = [...ids];
      return inTurn(async () => {
        refuseBroken();
        const gone = table.find(own);
        if (gone.length > 0) await core.drop(gone);
        table.remove(gone);
        return gone.length;
      });
    },
    async search(queries, { depth }: SearchOptions): Promise<ScoredDocument[][]> {
      refuseReleased();
      expectDepth(depth);
      const kept = checked(queries, "queries");
      return inTurn(async () => {
        refuseBroken();
        if (table.size === 0 || kept.length === 0) return Array.from({ length: kept.length / dimensions }, () => []);
        const found = await core.search(kept, depth, rows());
        return found.map((candidates) => best(candidates, table.ids, depth));
      });
    },
    async save(folder) {
      refuseReleased();
      await inTurn(async () => {
        refuseBroken();
        await saveFolder(folder, async (data) => {
          const files = await core.save(data, rows());
          files[ID_FILE] = await writeHashed(join(data, ID_FILE), idBytes(table.ids));
          return {
            format: "propria-index",
            version: 1,
            kind,
            dimensions,
            similarity,
            documents: table.size,
            rows: table.rowCount,
            space: space ?? null,
            spaceHash: space ? spaceHash(space) : null,
            options: core.options,
            files,
          };
        });
      });
    },
    info,
    async release() {
      released ??= inTurn(() => core.release());
      await released;
    },
  };
}
