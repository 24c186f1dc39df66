import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFolderAtomically } from "@propria/base";
import { expectIds } from "../documents/expect-ids.ts";
import { ID_FILE, idBytes } from "../documents/id-file.ts";
import { checkedVectors } from "../input.ts";
import { encodeInt8 } from "../rows/int8.ts";
import { type Space, spaceHash } from "../space.ts";
import { bytesOf } from "../storage/files.ts";
import { HashedFile } from "../storage/hashed-file.ts";
import { MANIFEST_FILE, type Manifest, manifestText } from "../storage/manifest.ts";

/** Documents with their vectors, float32 `[ids, dimensions]`, row after row. */
export interface VectorBatch {
  ids: readonly string[];
  vectors: Float32Array;
}

/** What {@link writeVectors} takes. */
export interface VectorsOptions {
  dimensions: number;
  /** The space of the vectors, kept with them. */
  space?: Space | undefined;
  /** `int8`: a byte for each number and a scale for each vector, a quarter of the size. */
  quantize?: "int8" | undefined;
}

/** The files beside the ids and the manifest. */
export const VECTORS_FILES = { float32: "vectors.f32", codes: "vectors.i8", scales: "scales.f32" } as const;

/**
 * Writes vectors to a new folder, whole or not at all, a batch in memory at a time. Vectors are kept as they come, of any length;
 * that ids are unique is for the index to check.
 *
 * @throws {PropriaError} `OUT_EXISTS`, `ID_SPACE`, `DIMENSIONS`, `NOT_FINITE`, `DISK_FULL`, `NO_PERMISSION`; and whatever `batches` throws.
 */
export async function writeVectors(
  folder: string,
  { dimensions, space, quantize }: VectorsOptions,
  batches: AsyncIterable<VectorBatch> | Iterable<VectorBatch>,
): Promise<{ count: number }> {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new PropriaError("DIMENSIONS", `dimensions is ${dimensions}`, { mend: "a whole number, 1 or more" });
  if (quantize !== undefined && quantize !== "int8")
    throw new PropriaError("OPTION_INVALID", `quantize is ${JSON.stringify(quantize)}`, {
      mend: "int8, or leave it out",
    });
  let count = 0;
  await writeFolderAtomically(folder, async (temporary) => {
    const names = [ID_FILE, ...(quantize ? [VECTORS_FILES.codes, VECTORS_FILES.scales] : [VECTORS_FILES.float32])];
    const files: HashedFile[] = [];
    try {
      for (const name of names) files.push(new HashedFile(await open(join(temporary, name), "w")));
      for await (const { ids, vectors } of batches) {
        expectIds(ids);
        const kept = checkedVectors(vectors, { dimensions, similarity: "dot", what: "vectors", rows: ids.length });
        for (const part of idBytes(ids)) await files[0]!.write(part);
        const parts = quantize ? quantized(kept, dimensions) : [bytesOf(kept)];
        for (const [i, part] of parts.entries()) await files[i + 1]!.write(part);
        count += ids.length;
      }
    } finally {
      for (const file of files) await file.close();
    }
    const manifest: Manifest = {
      format: "propria-vectors",
      version: 1,
      dimensions,
      quantize: quantize ?? null,
      count,
      space: space ?? null,
      spaceHash: space ? spaceHash(space) : null,
      files: Object.fromEntries(names.map((name, i) => [name, files[i]!.stored()])),
    };
    await writeFile(join(temporary, MANIFEST_FILE), manifestText(manifest));
  });
  return { count };
}

/** Codes and scales. */
function quantized(vectors: Float32Array, dimensions: number): [Uint8Array, Uint8Array] {
  const codes = new Int8Array(vectors.length);
  const scales = new Float32Array(vectors.length / dimensions);
  for (let row = 0; row < scales.length; row++) {
    const [start, end] = [row * dimensions, (row + 1) * dimensions];
    scales[row] = encodeInt8(vectors.subarray(start, end), codes.subarray(start, end));
  }
  return [bytesOf(codes), bytesOf(scales)];
}
