/** Words and their vectors. */

/** A table of vectors. */
export interface WordVectors {
  /** Each word once. */
  readonly words: readonly string[];
  /** Numbers in a vector. */
  readonly dimensions: number;
  /** float32 `[words, dimensions]`, row by row. */
  readonly data: Float32Array;
}

/** The row of each word. */
export const wordIndex = ({ words }: WordVectors): Map<string, number> =>
  new Map(words.map((word, row) => [word, row]));

/** The cosine of two vectors, in [−1, 1]; 0 where one is all zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squareA += a[i]! * a[i]!;
    squareB += b[i]! * b[i]!;
  }
  return dot === 0 ? 0 : dot / Math.sqrt(squareA * squareB);
}
