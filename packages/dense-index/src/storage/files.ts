/** Files with their hashes. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { HashedFile } from "./hashed-file.ts";

/** What a manifest says of a file. */
export interface StoredFile {
  bytes: number;
  sha256: string;
}

const PIECE_BYTES = 4 << 20;

/** Writes a file part by part and hashes it on the way. It is the folder's writer that flushes. */
export async function writeHashed(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<StoredFile> {
  const file = new HashedFile(await open(path, "w"));
  try {
    for await (const part of parts) await file.write(part);
  } finally {
    await file.close();
  }
  return file.stored();
}

/** The hash of a file that a native library has written. */
export async function hashed(path: string): Promise<StoredFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const part of pieces(path)) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * A file's bytes in order, while they are checked against the manifest; what was given out counts only when the end is reached.
 *
 * @throws {PropriaError} `DAMAGED` when the file is missing, shorter, longer or other than when it was written.
 */
export async function* readHashed(folder: string, name: string, expected: StoredFile): AsyncGenerator<Uint8Array> {
  const path = join(folder, name);
  const damaged = (what: string, cause?: unknown) =>
    new PropriaError("DAMAGED", what, { at: path, mend: "make it again, or take a copy", ...(cause ? { cause } : {}) });
  const file = await open(path, "r").catch((cause: unknown) => {
    throw damaged("the file is missing", cause);
  });
  try {
    const { size } = await file.stat();
    if (size !== expected.bytes) throw damaged(`${size} bytes, expected ${expected.bytes}`);
    const hash = createHash("sha256");
    for await (const piece of piecesOf(file)) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest("hex") !== expected.sha256) throw damaged("the content is not what was written");
  } finally {
    await file.close();
  }
}

/** Reads a file for its hash alone. */
export async function verify(folder: string, name: string, expected: StoredFile): Promise<string> {
  for await (const _ of readHashed(folder, name, expected)); // reaching the end is the check
  return join(folder, name);
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r");
  try {
    yield* piecesOf(file);
  } finally {
    await file.close();
  }
}

/** Each piece is a buffer of its own, full but for the last. */
async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    let filled = 0;
    while (filled < PIECE_BYTES) {
      const { bytesRead } = await file.read(piece, filled, PIECE_BYTES - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled > 0) yield piece.subarray(0, filled);
    if (filled < PIECE_BYTES) return;
  }
}

/** The bytes of an array. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
