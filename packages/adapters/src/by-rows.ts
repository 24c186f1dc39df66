/** Several adapters in one batch: each answers for the rows that are its own. `B` rows, `T` tokens each, `S` rows of prefix, `H` hidden. */
import type { Prefix, Sites } from "@propria/engine";
import type { SiteKind } from "@propria/transformer-core";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Neighbouring rows of a batch, and what is attached for them. */
export interface RowGroup {
  rows: number;
  sites: Sites;
}

const HIDDEN = -1e4; // as the encoder hides padding: exp(−10⁴) is exactly 0 in float32

/** What is attached to a batch whose rows are those of the groups, one after the other. */
export function sitesByRows(groups: readonly RowGroup[]): Sites {
  const kinds = [...new Set(groups.flatMap(({ sites }) => Object.keys(sites)))] as SiteKind[];
  const additions = kinds.filter((kind) => kind !== "prefix" && kind !== "positions");
  return {
    ...Object.fromEntries(additions.map((kind) => [kind, addition(kind, groups)])),
    ...(kinds.includes("prefix") && { prefix: prefixOf(groups) }),
    ...(kinds.includes("positions") && { positions: positionsOf(groups) }),
  };
}

type Answer = (path: string, ...tensors: Tensor[]) => Tensor;

/** Answers that stand in the place of the last tensor. */
const addition =
  (kind: SiteKind, groups: readonly RowGroup[]): Answer =>
  (path, ...tensors) => {
    const columns = tensors.map((tensor) => cut(tensor, groups));
    const answers = groups.map(({ sites }, i) => {
      const own = columns.map((parts) => parts[i]!);
      const answer = sites[kind] as Answer | undefined;
      return answer ? answer(path, ...own) : own.at(-1)!;
    });
    const isUntouched = answers.every((answer, i) => answer === columns.at(-1)![i]);
    return isUntouched ? tensors.at(-1)! : tf.concat(answers, 0);
  };

/** Each group's prefix, filled up to the longest with keys that are hidden. */
const prefixOf =
  (groups: readonly RowGroup[]): NonNullable<Sites["prefix"]> =>
  (path, x) => {
    const parts = cut(x, groups);
    const prefixes = groups.map(({ sites }, i) => sites.prefix?.(path, parts[i]!));
    const length = Math.max(0, ...prefixes.map((prefix) => prefix?.keys.shape[1] ?? 0));
    if (length === 0) return undefined;
    const filled = groups.map(({ rows }, i) => filledUp(prefixes[i], rows, length, x.shape[2]));
    const all = <T extends Tensor>(name: keyof Prefix) =>
      tf.concat(
        filled.map((prefix) => prefix[name] as T),
        0,
      ) as T;
    return { keys: all<Tensor3D>("keys"), values: all<Tensor3D>("values"), bias: all<Tensor4D>("bias") };
  };

function filledUp(prefix: Prefix | undefined, rows: number, length: number, width: number): Required<Prefix> {
  const own = prefix?.keys.shape[1] ?? 0;
  const missing = length - own;
  const filling: Required<Prefix> = {
    keys: tf.zeros([rows, missing, width]),
    values: tf.zeros([rows, missing, width]),
    bias: tf.fill([rows, 1, 1, missing], HIDDEN) as Tensor4D,
  };
  if (!prefix) return filling;
  const wide = (tensor: Tensor3D) => tf.broadcastTo(tensor, [rows, own, width]) as Tensor3D;
  const visible = tf.broadcastTo(prefix.bias ?? tf.zeros([1, 1, 1, own]), [rows, 1, 1, own]) as Tensor4D;
  if (missing === 0) return { keys: wide(prefix.keys), values: wide(prefix.values), bias: visible };
  return {
    keys: tf.concat([wide(prefix.keys), filling.keys], 1),
    values: tf.concat([wide(prefix.values), filling.values], 1),
    bias: tf.concat([visible, filling.bias], 3),
  };
}

const positionsOf =
  (groups: readonly RowGroup[]): NonNullable<Sites["positions"]> =>
  (path, table, words) => {
    const [, tokens, width] = words.shape;
    const parts = cut(words, groups);
    const answers = groups.map(({ sites }, i) => sites.positions?.(path, table, parts[i]!));
    if (!answers.some(Boolean)) return undefined;
    const first = () => tf.slice(table, [0, 0], [tokens, width]);
    const each = groups.map(({ rows }, i) => {
      const own = (answers[i] ?? first()) as Tensor2D | Tensor3D; // [T, H] or [B, T, H]
      return tf.broadcastTo(own, [rows, tokens, width]) as Tensor3D;
    });
    return tf.concat(each, 0);
  };

/** The rows of each group, in a tensor whose first axis is along the batch, some whole number of times. */
export function cut<T extends Tensor>(tensor: T, groups: readonly { rows: number }[]): T[] {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const times = tensor.shape[0]! / rows;
  let begin = 0;
  return groups.map((group) => {
    const size = group.rows * times;
    const start = begin;
    begin += size;
    return tf.slice(tensor, [start, ...tensor.shape.slice(1).map(() => 0)], [size, ...tensor.shape.slice(1)]);
  });
}
