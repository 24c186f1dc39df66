import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { ID_FILE, readIds } from "../documents/id-file.ts";
import { decodeInt8 } from "../rows/int8.ts";
import { requireSameSpace, type Space } from "../space.ts";
import { bytesOf, verify } from "../storage/files.ts";
import { field, MANIFEST_FILE, type Manifest, readManifest, storedFile } from "../storage/manifest.ts";
import { VECTORS_FILES, type VectorBatch } from "./write-vectors.ts";

/** A folder of vectors. */
export interface StoredVectors {
  readonly ids: readonly string[];
  readonly size: number;
  readonly dimensions: number;
  readonly space: Space | undefined;
  readonly quantize: "int8" | undefined;
  /** The vectors in order, `rows` at a time; by default 4096. Each batch is the caller's. */
  batches(rows?: number): AsyncIterable<VectorBatch>;
  close(): Promise<void>;
}

const ROWS_AT_A_TIME = 4096;

/**
 * Opens a folder of {@link writeVectors}. Every file is read once and compared with its hash; only the ids stay in memory.
 *
 * @param space If given, required of the vectors.
 * @throws {PropriaError} `NOT_FOUND`, `NOT_AN_INDEX`, `DAMAGED`, `SPACE_MISMATCH`.
 */
export async function openVectors(folder: string, { space }: { space?: Space } = {}): Promise<StoredVectors> {
  const manifest = await readManifest(folder, "propria-vectors");
  if (space) requireSameSpace(space, manifest.space ?? undefined, { at: folder });
  const count = field(manifest, "count", folder, (value): value is number => typeof value === "number");
  const quantize = field(
    manifest,
    "quantize",
    folder,
    (value): value is "int8" | null => value === null || value === "int8",
  );
  const { dimensions } = manifest;
  const ids = (await readIds(folder, storedFile(manifest, ID_FILE, folder))).map((id) => id ?? "");
  const names = quantize ? [VECTORS_FILES.codes, VECTORS_FILES.scales] : [VECTORS_FILES.float32];
  const rowBytes = quantize ? [dimensions, 4] : [4 * dimensions];
  if (ids.length !== count) throw damaged(folder, `${ids.length} ids, expected ${count}`);
  for (const [i, name] of names.entries()) await checkFile(folder, manifest, name, count * rowBytes[i]!);
  const files: FileHandle[] = [];
  for (const name of names) files.push(await open(join(folder, name), "r"));
  return {
    ids,
    size: count,
    dimensions,
    space: manifest.space ?? undefined,
    quantize: quantize ?? undefined,
    async *batches(rows = ROWS_AT_A_TIME) {
      for (let start = 0; start < count; start += rows) {
        const some = Math.min(rows, count - start);
        const vectors = new Float32Array(some * dimensions);
        if (quantize) {
          const codes = new Int8Array(vectors.length);
          const scales = new Float32Array(some);
          await readInto(files[0]!, bytesOf(codes), start * dimensions);
          await readInto(files[1]!, bytesOf(scales), start * 4);
          decodeInt8(codes, scales, vectors);
        } else await readInto(files[0]!, bytesOf(vectors), start * 4 * dimensions);
        yield { ids: ids.slice(start, start + some), vectors };
      }
    },
    async close() {
      for (const file of files.splice(0)) await file.close();
    },
  };
}

async function checkFile(folder: string, manifest: Manifest, name: string, bytes: number): Promise<void> {
  const expected = storedFile(manifest, name, folder);
  if (expected.bytes !== bytes) throw damaged(folder, `${name} has ${expected.bytes} bytes, expected ${bytes}`);
  await verify(folder, name, expected);
}

async function readInto(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) throw new PropriaError("DAMAGED", "the vectors' file became shorter while it was read");
    filled += bytesRead;
  }
}

const damaged = (folder: string, what: string) =>
  new PropriaError("DAMAGED", what, { at: join(folder, MANIFEST_FILE), mend: "make it again, or take a copy" });
