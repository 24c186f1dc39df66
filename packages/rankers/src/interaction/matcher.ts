/** What the three models have in common for training and scoring: from words to a batch, from a batch to scores. */

import type { Random } from "@propria/base";
import type { Batch, Scope } from "@propria/engine";
import type { HostParameters } from "@propria/transformer-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { BatchShape } from "../length-batches.ts";
import type { QueryWords } from "./vocabulary.ts";

/** A batch as its tensors. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A model that compares the words of a query and a document. `Row` is one pair as numbers. */
export interface Matcher<Row extends object = object> {
  /** Longest row, in the units of `length`. */
  readonly maxLength: number;
  /** A pair as numbers. */
  row(query: QueryWords, documentIds: readonly number[]): Row;
  /** What a row's width in a batch goes by: words of the document, or 1 where all rows are alike. */
  length(row: Row): number;
  /** Rows as arrays of one shape; rows that are not there are padding, and nobody reads their scores. */
  collate(rows: readonly Row[], shape: BatchShape): Batch;
  /** Fresh weights, without the word vectors. */
  start(random: Random): HostParameters;
  /** Whether the table of word vectors is a weight, `embeddings.weight`, or went into the rows. */
  readonly embeds: boolean;
  /** `[count]`. */
  scores(root: Scope, batch: Tensors): Tensor1D;
}

/** The name of the table of word vectors, `[words + 1, dimensions]`; row 0 is padding. */
export const EMBEDDINGS = "embeddings.weight";

/** Uniform in ±`reach`, each weight from a stream of its name. */
export function uniform(
  shapes: Readonly<Record<string, { shape: number[]; reach: number }>>,
  random: Random,
): HostParameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape, reach }]) => {
      const draw = random.fork(name);
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => (2 * draw() - 1) * reach) }];
    }),
  );
}
