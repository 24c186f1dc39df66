/**
 * One step of stochastic gradient descent on negative sampling's loss, −ln σ(h·o⁺) − Σ ln σ(−h·o⁻), as word2vec takes it.
 *
 * Symbols: `h` is what predicts, `o` the predicted words' vectors of the output table. As in word2vec's code the mean of CBOW's neighbours
 * passes its gradient to each neighbour whole, not divided by their number, and a neighbour that stands twice gets it twice.
 *
 * @see Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality", NeurIPS 2013.
 */

/** The tables that learn, float32 `[words, dimensions]`. */
export interface Tables {
  input: Float32Array;
  output: Float32Array;
  dimensions: number;
}

/** Room for one step, so that none is made anew. */
export interface Scratch {
  hidden: Float64Array;
  gradient: Float64Array;
}

/** @param dimensions Numbers in a vector. */
export const scratch = (dimensions: number): Scratch => ({
  hidden: new Float64Array(dimensions),
  gradient: new Float64Array(dimensions),
});

/**
 * Moves the neighbours and the predicted words.
 *
 * @param neighbours Rows of the input table, whose mean is `h`.
 * @param predicted  Rows of the output table: the true word first, then the negatives.
 */
export function update(
  { input, output, dimensions }: Tables,
  neighbours: readonly number[],
  predicted: readonly number[],
  learningRate: number,
  { hidden, gradient }: Scratch,
): void {
  hidden.fill(0);
  gradient.fill(0);
  for (const row of neighbours) for (let i = 0; i < dimensions; i++) hidden[i]! += input[row * dimensions + i]!;
  if (neighbours.length > 1) for (let i = 0; i < dimensions; i++) hidden[i]! /= neighbours.length;
  for (let place = 0; place < predicted.length; place++) {
    const at = predicted[place]! * dimensions;
    let score = 0;
    for (let i = 0; i < dimensions; i++) score += hidden[i]! * output[at + i]!;
    const step = ((place === 0 ? 1 : 0) - 1 / (1 + Math.exp(-score))) * learningRate;
    for (let i = 0; i < dimensions; i++) {
      gradient[i]! += step * output[at + i]!;
      output[at + i]! += step * hidden[i]!;
    }
  }
  for (const row of neighbours) for (let i = 0; i < dimensions; i++) input[row * dimensions + i]! += gradient[i]!;
}
