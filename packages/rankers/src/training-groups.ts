/**
 * The training queries as one compact file: of each its pieces, its positives and its negatives, all numbers. Written once before
 * training, read by the data worker one query at a time, so memory does not grow with the queries.
 *
 * The file is 32-bit words in the machine's order. For each query: the lengths of its lists, and the lists. Then the
 * word at which each query starts, and the one after the last. At the end the count of queries, the version and a magic word.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { PropriaError, writeFileAtomically } from "@propria/base";

/** What training draws groups from. */
export interface TrainingQuery {
  /** Pieces of the query, not cut. */
  queryIds: readonly number[];
  /** Documents judged relevant, as numbers in the document store; at least one. */
  positives: readonly number[];
  /** Documents to draw negatives from; may be none. */
  negatives: readonly number[];
  /** A teacher's scores of the positives and then the negatives, float32, NaN where it gave none; empty without a teacher. */
  teacher?: readonly number[];
  /** How relevant each of the positives is, above 0 and at most 1, float32; empty where all are alike. */
  labels?: readonly number[];
}

/** Random access to a file of training queries. */
export interface TrainingGroups {
  readonly count: number;
  at(item: number): TrainingQuery;
  close(): void;
}

const MAGIC = 0x50524731; // "PRG1"
const VERSION = 3;
const FOOTER_WORDS = 3;
const WORD_BYTES = 4;
const CHUNK_WORDS = 1 << 18; // 1 MB, written at a time

/** Writes training queries as they come, whole or not at all. */
export const writeTrainingGroups = (path: string, queries: AsyncIterable<TrainingQuery>): Promise<void> =>
  writeFileAtomically(path, chunksOf(queries));

async function* chunksOf(queries: AsyncIterable<TrainingQuery>): AsyncGenerator<Uint8Array> {
  const starts: number[] = [];
  let words: number[] = [];
  let written = 0;
  for await (const { queryIds, positives, negatives, teacher = [], labels = [] } of queries) {
    starts.push(written + words.length);
    const lists = [queryIds, positives, negatives, bitsOf(teacher), bitsOf(labels)];
    words.push(...lists.map((list) => list.length));
    for (const list of lists) for (const number of list) words.push(number);
    if (words.length < CHUNK_WORDS) continue;
    yield bytesOf(words);
    written += words.length;
    words = [];
  }
  yield bytesOf(words);
  yield bytesOf([...starts, written + words.length, starts.length, VERSION, MAGIC]);
}

const bitsOf = (numbers: readonly number[]) => new Uint32Array(Float32Array.from(numbers).buffer);
const numbersOf = (bits: Uint32Array) => [...new Float32Array(bits.slice().buffer)];

const bytesOf = (words: readonly number[]) => new Uint8Array(Uint32Array.from(words).buffer);

/**
 * Opens a file of training queries.
 *
 * @throws {PropriaError} `TRAINING_GROUPS` when it is none or is not whole.
 */
export function openTrainingGroups(path: string): TrainingGroups {
  const file = openSync(path, "r");
  try {
    const starts = readStarts(file, path);
    return { count: starts.length - 1, at: (item) => readQuery(file, starts, item), close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Where each query starts, and the word after the last. */
function readStarts(file: number, path: string): Uint32Array {
  const broken = new PropriaError("TRAINING_GROUPS", "is no whole file of training queries", {
    at: path,
    mend: "remove it; it is made again",
  });
  const words = fstatSync(file).size / WORD_BYTES;
  if (!Number.isInteger(words) || words <= FOOTER_WORDS) throw broken;
  const [count, version, magic] = readWords(file, words - FOOTER_WORDS, FOOTER_WORDS);
  const table = words - FOOTER_WORDS - (count! + 1);
  if (magic !== MAGIC || version !== VERSION || table < 0) throw broken;
  const starts = readWords(file, table, count! + 1);
  if (starts[count!] !== table) throw broken;
  return starts;
}

function readQuery(file: number, starts: Uint32Array, item: number): TrainingQuery {
  const start = starts[item]!;
  const record = readWords(file, start, starts[item + 1]! - start);
  const lists: Uint32Array[] = [];
  let from = LENGTHS;
  for (const length of record.subarray(0, LENGTHS)) {
    lists.push(record.subarray(from, from + length));
    from += length;
  }
  const [queryIds, positives, negatives, teacher, labels] = lists as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  return {
    queryIds: [...queryIds],
    positives: [...positives],
    negatives: [...negatives],
    ...(teacher.length > 0 && { teacher: numbersOf(teacher) }),
    ...(labels.length > 0 && { labels: numbersOf(labels) }),
  };
}

const LENGTHS = 5; // words before a query's lists

function readWords(file: number, start: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  const bytes = new Uint8Array(words.buffer);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, start * WORD_BYTES + done);
    if (read === 0) throw new Error("the file of training queries became shorter while it was read");
    done += read;
  }
  return words;
}
