/** Word vectors to a text file. */
import { PropriaError, writeFileAtomically } from "@propria/base";
import type { WordVectors } from "./word-vectors.ts";

/**
 * Writes word2vec's text format, which fastText has too: a line of both counts, then a word and its numbers a line. Compressed where the path ends in
 * `.gz`. The numbers are as short as read the same float32 again.
 *
 * @throws {PropriaError} `WORD_SPACE` for a word with white space in it, which no reader would find again; `DISK_FULL`, `NO_PERMISSION`.
 */
export async function writeWordVectors(path: string, vectors: WordVectors): Promise<void> {
  const odd = vectors.words.find((word) => word === "" || /\s/.test(word));
  if (odd !== undefined)
    throw new PropriaError("WORD_SPACE", `${JSON.stringify(odd)} has white space, or nothing, in it`, {
      at: path,
      mend: "leave the word out, or put an underscore there",
    });
  await writeFileAtomically(path, lines(vectors));
}

function* lines({ words, dimensions, data }: WordVectors): Generator<string> {
  yield `${words.length} ${dimensions}\n`;
  for (const [row, word] of words.entries()) {
    const numbers = Array.from(data.subarray(row * dimensions, (row + 1) * dimensions), shortest);
    yield `${word} ${numbers.join(" ")}\n`;
  }
}

/** Nine digits tell any two float32 apart; fewer often do. */
function shortest(value: number): string {
  for (const digits of [6, 7, 8]) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
