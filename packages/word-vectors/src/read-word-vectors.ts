/** Word vectors from a text file. */
import { PropriaError } from "@propria/base";
import { readLines } from "@propria/collection";
import type { WordVectors } from "./word-vectors.ts";

/** Which words are read. */
export interface ReadOptions {
  /** Only these; default: all of the file. */
  words?: ReadonlySet<string> | undefined;
}

/**
 * Reads the text files of word2vec and fastText (`.vec`: a first line of both counts) and of GloVe (none), plain or gzip. Of a word that stands twice the
 * first counts. A word with spaces in it, as GloVe's largest file has some, is the line without its last numbers.
 *
 * Memory: the vectors that are kept, and some lines.
 *
 * @throws {PropriaError} `VECTORS_LINE` with file and line: a line with another number of numbers, a field that is none, fewer lines than the first says;
 *   `VECTORS_EMPTY` for a file without vectors, or with none of `words`; `NOT_FOUND`, `GZIP`, `ENCODING`, `LONG_LINE`.
 */
export async function readWordVectors(path: string, { words: wanted }: ReadOptions = {}): Promise<WordVectors> {
  const table = new Map<string, Float32Array>();
  let header: { words: number; dimensions: number } | undefined;
  let dimensions: number | undefined;
  let [vectors, last] = [0, 0];
  for await (const { lines, firstNumber } of readLines(path))
    for (const [i, line] of lines.entries()) {
      last = firstNumber + i;
      const fields = line.trimEnd().split(" ");
      if (last === 1) {
        header = headerOf(fields);
        dimensions = header?.dimensions;
        if (header) continue;
      }
      if (line.trim() === "") throw mistake(path, last, "is empty");
      dimensions ??= fields.length - 1;
      if (dimensions < 1) throw mistake(path, last, `expected a word and its numbers, found ${shown(line)}`);
      if (fields.length <= dimensions)
        throw mistake(path, last, `expected a word and ${dimensions} numbers, found ${fields.length - 1} numbers`);
      vectors++;
      const word = fields.slice(0, -dimensions).join(" ");
      if (word === "") throw mistake(path, last, "has no word before its numbers");
      if (table.has(word) || (wanted && !wanted.has(word))) continue;
      table.set(word, numbersOf(fields.slice(-dimensions), path, last));
    }
  if (header && vectors < header.words)
    throw mistake(
      path,
      last,
      `the file ends after ${vectors} words, its first line says ${header.words}`,
      "copy it again",
    );
  return tableOf(table, path, { dimensions, vectors });
}

/** Two whole numbers and nothing else. A GloVe file of one dimension would look the same; there is none. */
function headerOf(fields: readonly string[]): { words: number; dimensions: number } | undefined {
  if (fields.length !== 2 || !fields.every((field) => /^[1-9]\d*$/.test(field))) return undefined;
  return { words: Number(fields[0]), dimensions: Number(fields[1]) };
}

function numbersOf(fields: readonly string[], path: string, line: number): Float32Array {
  const numbers = new Float32Array(fields.length);
  for (const [i, field] of fields.entries()) {
    const value = field === "" ? Number.NaN : Number(field);
    if (!Number.isFinite(value))
      throw mistake(path, line, `expected ${fields.length} numbers at the end, found ${shown(field)}`);
    numbers[i] = value;
  }
  return numbers;
}

function tableOf(
  table: ReadonlyMap<string, Float32Array>,
  path: string,
  { dimensions, vectors }: { dimensions: number | undefined; vectors: number },
): WordVectors {
  if (dimensions === undefined || table.size === 0)
    throw new PropriaError(
      "VECTORS_EMPTY",
      vectors === 0 ? "holds no vector" : `none of its ${vectors} words is wanted`,
      {
        at: path,
        mend:
          vectors === 0
            ? "give a text file of word2vec, fastText or GloVe"
            : "give vectors of the same language, lower-cased and stemmed alike",
      },
    );
  const data = new Float32Array(table.size * dimensions);
  let row = 0;
  for (const vector of table.values()) data.set(vector, row++ * dimensions);
  return { words: [...table.keys()], dimensions, data };
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

const mistake = (
  path: string,
  line: number,
  what: string,
  mend = "a line is a word and its numbers, single spaces between",
) => new PropriaError("VECTORS_LINE", what, { at: `${path}:${line}`, mend });
