/**
 * Which of a batch's passages are a query's positive, are judged relevant to it, or stood in the batch before. Shapes: `B` queries, `n`
 * passages each, `M = B·n` passages in all, query after query, `P` positives of a query. Not made where batches are collated: that is done
 * chunk by chunk, and what is asked is of the whole batch.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** The documents of a batch, by number. */
export interface BatchDocuments {
  /** int32 `[B, n]`: those of the passages, a query's positive first. */
  documents: Tensor2D;
  /** int32 `[B, P]`: those judged relevant to each query, filled up with −1. */
  relevant: Tensor2D;
}

/** Pairs of numbers that are compared at a time: about 20 MB. `P` is that of the query with the most positives, in the hundreds for some collections. */
const COMPARED = 2 ** 22;

/** Where in the scores `[B, M]` something is so: 1, else 0. @param compared Pairs that are compared at a time; what decides the memory, not the result. */
export function places(
  { documents, relevant }: BatchDocuments,
  compared = COMPARED,
): Record<"positive" | "relevant" | "repeated", Tensor2D> {
  const [batch, size] = documents.shape;
  const most = relevant.shape[1];
  const count = batch * size;
  const targets = tf.reshape(tf.range(0, count, size, "int32"), [batch, 1]);
  const columns = tf.reshape(documents, [1, count]); // [1, M]
  const rows = tf.reshape(documents, [count, 1]); // [M, 1]
  const order = tf.reshape(tf.range(0, count, 1, "int32"), [1, count]); // [1, M]
  const judged = anyOf(most, Math.floor(compared / (batch * count)), (start, length) => {
    const some = tf.reshape(tf.slice(relevant, [0, start], [batch, length]), [batch, length, 1]); // [B, p, 1]
    return tf.max(tf.cast(tf.equal(some, tf.reshape(columns, [1, 1, count])), "float32"), 1); // [B, M]
  });
  const repeated = anyOf(count, Math.floor(compared / count), (start, length) => {
    const place = tf.reshape(tf.range(start, start + length, 1, "int32"), [length, 1]);
    const same = tf.logicalAnd(tf.equal(tf.slice(rows, [start, 0], [length, 1]), columns), tf.less(place, order));
    return tf.max(tf.cast(same, "float32"), 0); // [M]
  });
  return {
    positive: tf.cast(tf.equal(order, targets), "float32") as Tensor2D,
    relevant: judged as Tensor2D,
    repeated: tf.tile(tf.reshape(repeated, [1, count]), [batch, 1]) as Tensor2D,
  };
}

/** The greatest, place by place, of what `part` gives for stretches of at most `longest` of `count`; one stretch is held at a time. */
function anyOf(count: number, longest: number, part: (start: number, length: number) => tf.Tensor): tf.Tensor {
  const step = Math.max(1, longest);
  let found = part(0, Math.min(step, count));
  for (let start = step; start < count; start += step)
    found = tf.maximum(found, part(start, Math.min(step, count - start)));
  return found;
}
