/**
 * The attention to the words of a corpus' documents, on disk by number.
 *
 * A record is two counts (words, others), their weights as float32, and the words in UTF-8, one a line. All numbers are little-endian.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { PropriaError, surroundingsError } from "@propria/base";
import type { WordWeights } from "../contrast/word-weights.ts";

/** The records of all documents, one after the other. */
export const RECORDS = "records.bin";
/** Of each record where it ends in RECORDS, bytes: float64 holds them up to 2⁵³. */
export const ENDS = "ends.f64";
/** What makes the folder one: written last. */
export const MANIFEST = "attention.json";
export const FORMAT = 1;
export const BYTES_PER_END = 8;

/** What a folder says of itself. */
export interface AttentionManifest {
  format: number;
  /** Documents. */
  size: number;
  /** SHA-256 of model, settings and corpus. */
  hash: string;
}

/** The attention to the words of each document of a corpus. Any number of threads and processes may have one folder open. */
export interface AttentionFile {
  readonly folder: string;
  /** Documents. */
  readonly size: number;
  readonly hash: string;
  /** The words of a document by number; reads its record from the disk. */
  at(number: number): WordWeights;
  /** Closes the files; `at` throws from then on. */
  close(): void;
}

/**
 * Opens a folder that an attention pass finished. No memory grows with the documents.
 *
 * @throws {PropriaError} `ATTENTION_FILE` when it is none, of another version, or damaged.
 */
export function openAttention(folder: string): AttentionFile {
  const damaged = (cause?: unknown) =>
    new PropriaError("ATTENTION_FILE", "no attention to a corpus, one of another version, or a damaged one", {
      at: folder,
      mend: "remove it, and it is computed again",
      ...(cause !== undefined && { cause }),
    });
  let manifest: AttentionManifest;
  let files: { records: number; ends: number } | undefined;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as AttentionManifest;
    if (manifest.format === FORMAT)
      files = { records: openSync(join(folder, RECORDS), "r"), ends: openSync(join(folder, ENDS), "r") };
  } catch (error) {
    throw surroundingsError(error, folder) === error ? damaged(error) : surroundingsError(error, folder);
  }
  if (!files) throw damaged();
  const { records, ends } = files;
  const { size, hash } = manifest;
  let open = true;
  const read = (file: number, start: number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    for (let got = 0; got < bytes; ) {
      const count = readSync(file, buffer, got, bytes - got, start + got);
      if (count === 0) throw damaged();
      got += count;
    }
    return buffer;
  };
  return {
    folder,
    size,
    hash,
    at(number) {
      if (!Number.isInteger(number) || number < 0 || number >= size)
        throw new RangeError(`document ${number} of ${size}`);
      if (!open) throw new Error(`the attention in ${folder} is closed`);
      const endOf = (document: number) => read(ends, document * BYTES_PER_END, BYTES_PER_END).readDoubleLE(0);
      const [start, end] = [number === 0 ? 0 : endOf(number - 1), endOf(number)];
      if (!(end >= start && end - start < LONGEST_RECORD)) throw damaged();
      const record = decodeRecord(read(records, start, end - start));
      if (!record) throw damaged();
      return record;
    },
    close() {
      if (open) for (const file of [records, ends]) closeSync(file);
      open = false;
    },
  };
}

const HEADER_BYTES = 8;
const LONGEST_RECORD = 2 ** 28; // bytes: no text of tokens comes near

/** One document as bytes. */
export function encodeRecord({ words, weights, others }: WordWeights): Buffer {
  const text = Buffer.from(words.join("\n"));
  const record = Buffer.alloc(HEADER_BYTES + 4 * (weights.length + others.length) + text.length);
  record.writeUInt32LE(weights.length, 0);
  record.writeUInt32LE(others.length, 4);
  for (const [i, weight] of [...weights, ...others].entries()) record.writeFloatLE(weight, HEADER_BYTES + 4 * i);
  text.copy(record, record.length - text.length);
  return record;
}

/** The document of such bytes; `undefined` when they are none. */
function decodeRecord(record: Buffer): WordWeights | undefined {
  if (record.length < HEADER_BYTES) return undefined;
  const [words, others] = [record.readUInt32LE(0), record.readUInt32LE(4)];
  const textAt = HEADER_BYTES + 4 * (words + others);
  if (textAt > record.length) return undefined;
  const text = record.toString("utf8", textAt);
  const floats = (first: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => record.readFloatLE(HEADER_BYTES + 4 * (first + i)));
  const decoded = {
    words: words === 0 ? [] : text.split("\n"),
    weights: floats(0, words),
    others: floats(words, others),
  };
  return decoded.words.length === words ? decoded : undefined;
}

/** Whether a folder holds a finished pass. */
export const isFinished = (folder: string): boolean => existsSync(join(folder, MANIFEST));
