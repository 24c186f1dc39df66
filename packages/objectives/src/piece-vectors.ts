/** Word vectors as the start of a fresh encoder's embeddings. */
import { PropriaError } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import type { HostParameters } from "@propria/transformer-core";
import { readWordVectors } from "@propria/word-vectors";

const EMBEDDINGS = "bert.embeddings.word_embeddings.weight";

/** Spread of an embedding's numbers, as in a trained BERT; a fresh one has 0.02. A guess. */
const SPREAD = 0.04;

/**
 * Puts the vectors of pieces in the place of their embeddings `[V, H]`, each at the same length, √H · 0.04: what is frequent has no longer vectors
 * than what is rare. A piece without a vector stays as it was drawn.
 *
 * Word vectors know in minutes which words go together. A small masked language model from chance alone stays for thousands of steps
 * where it knows no more than how frequent each word is.
 *
 * @throws {PropriaError} `PIECE_VECTORS` for vectors of another width than the encoder's; those of `readWordVectors`, such as
 *   `VECTORS_EMPTY` where none is a piece's.
 */
export async function placePieceVectors(
  path: string,
  parameters: HostParameters,
  { vocabulary }: Tokenizer,
): Promise<void> {
  const { shape, data } = parameters[EMBEDDINGS]!;
  const width = shape[1]!;
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
  const vectors = await readWordVectors(path, { words: new Set(vocabulary) });
  if (vectors.dimensions !== width)
    throw new PropriaError("PIECE_VECTORS", `has ${vectors.dimensions} numbers a piece, and the encoder ${width}`, {
      at: path,
      mend: `train vectors of ${width} numbers on this vocabulary's pieces`,
    });
  for (const [row, piece] of vectors.words.entries()) {
    const vector = vectors.data.subarray(row * width, (row + 1) * width);
    const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
    if (length === 0) continue;
    const scale = (Math.sqrt(width) * SPREAD) / length;
    data.set(
      vector.map((number) => number * scale),
      ids.get(piece)! * width,
    );
  }
}
