import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { writeFileAtomically } from "@propria/base";
import { UNEXPLAINED } from "./on-disk.ts";

/**
 * Named float32 arrays in one file of the safetensors form: 8 bytes of header length, a JSON header, the numbers.
 * Written from and read into memory in place; little-endian, as every machine that runs Node is.
 *
 * @see https://github.com/huggingface/safetensors (format)
 */

/** Arrays by name; the numbers are views, not copies. */
export type NamedArrays = Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>;

/** How a file is recognised as whole. */
export interface FileCheck {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** Writes a file, whole or not at all. */
export async function writeTensors(path: string, arrays: NamedArrays): Promise<FileCheck> {
  const hash = createHash("sha256");
  let bytes = 0;
  function* parts(): Generator<Uint8Array> {
    for (const part of [headerOf(arrays), ...Object.values(arrays).map(({ data }) => bytesOf(data))]) {
      hash.update(part);
      bytes += part.length;
      yield part;
    }
  }
  await writeFileAtomically(path, parts(), UNEXPLAINED);
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * Reads a file into `arrays`, which must be those it was written from, in the same order.
 *
 * @throws {Error} When names or shapes differ: the caller has checked that they do not.
 */
export function readTensors(path: string, arrays: NamedArrays): void {
  const header = headerOf(arrays);
  const file = openSync(path, "r");
  try {
    const found = Buffer.alloc(header.length);
    readAll(file, found);
    if (!found.equals(header)) throw new Error(`${path}: other tensors than expected`);
    for (const { data } of Object.values(arrays)) readAll(file, bytesOf(data));
  } finally {
    closeSync(file);
  }
}

const HASHED_AT_ONCE_BYTES = 2 ** 22;

/** Whether a file is there and as long and of the content that `check` says. */
export function isWhole(path: string, check: FileCheck): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== check.bytes) return false;
  const hash = createHash("sha256");
  const part = Buffer.alloc(Math.min(size, HASHED_AT_ONCE_BYTES));
  const file = openSync(path, "r");
  try {
    for (let length = readSync(file, part); length > 0; length = readSync(file, part)) {
      hash.update(part.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex") === check.sha256;
}

/** The header with its length before it, filled up with spaces to a multiple of 8 bytes. */
function headerOf(arrays: NamedArrays): Buffer {
  let end = 0;
  const entries = Object.entries(arrays).map(([name, { shape, data }]) => {
    const start = end;
    end += data.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return header;
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function readAll(file: number, into: Uint8Array): void {
  let read = 0;
  while (read < into.length) {
    const length = readSync(file, into, read, Math.min(into.length - read, 2 ** 30), null);
    if (length === 0) throw new Error("the file ends too early");
    read += length;
  }
}
