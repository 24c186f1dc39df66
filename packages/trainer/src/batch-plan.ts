import { PropriaError, type Random, seeded } from "@propria/base";
import type { Batch, NdArray } from "@propria/engine";
import { type BatchSize, type Bucket, examplesOf, fittingBucket, longestRow } from "./buckets.ts";
import { collateContext } from "./collate-context.ts";
import { epochOrder } from "./epoch-order.ts";
import type { ExampleSource } from "./source.ts";

/**
 * Which examples make which batch: items in the order of their epoch, their examples into length buckets. When enough for
 * `mixBatches` batches wait in a bucket, one is drawn from them at random: so the examples of one item, which come one
 * after the other, do not all stand in one batch. What waits in a bucket stays there into the next epoch: an item's examples of
 * both epochs may then wait together, and `distinctItems` keeps them from being drawn into one batch.
 *
 * After the last epoch, what still waits moves up into wider buckets as long as that fills a batch. The fewer than one
 * batch of examples that are left at the end are dropped, or are one smaller batch: `remainder` says which.
 */

/** The examples that fill no batch after the last epoch: left out, or trained on as one smaller batch. */
export type Remainder = "drop" | "train";

/** Everything that decides the batches of a source. */
export interface BatchPlan {
  seed: number;
  buckets: readonly Bucket[];
  /** Passes over the items; `Infinity` when training by steps. */
  epochs: number;
  remainder: Remainder;
  /** Batches' worth of examples that wait in a bucket before one batch is drawn from them; 1: each batch as it fills. */
  mixBatches: number;
  /**
   * Draw at most one example of an item into a batch, as long as examples of enough items wait, and only then more: for a loss that
   * contrasts a batch's examples, where an item would be its own negative. Default false.
   */
  distinctItems?: boolean | undefined;
  /** Examples that are collated together; by default the whole batch. */
  chunk?: BatchSize | undefined;
}

/** Where a training stands after a batch: enough to make the next one without making those before it. */
export interface Cursor {
  /** Items of the source; another number is another source. */
  itemCount: number;
  epoch: number;
  /** Place in the epoch's order of the item to draw from next. */
  position: number;
  /** Examples of that item already drawn. */
  index: number;
  /** Examples drawn in this epoch, and in all. */
  epochExamples: number;
  examples: number;
  /** Examples that wait in buckets: epoch, item, index among the item's examples. */
  waiting: [epoch: number, item: number, index: number][];
}

/** A batch, the real tokens in it, and the cursor after it. */
export interface PlannedBatch {
  /** The batch; in chunks, when the plan says so, the last of which may be smaller. */
  batches: Batch[];
  tokens: number;
  cursor: Cursor;
}

/** The cursor before the first batch. */
export const firstCursor = (itemCount: number): Cursor => ({
  itemCount,
  epoch: 0,
  position: 0,
  index: 0,
  epochExamples: 0,
  examples: 0,
  waiting: [],
});

/** Part of all planned epochs that was trained on, in [0, 1]: an item counts once begun, waiting examples do not. */
export function fractionTrained(cursor: Cursor, epochs: number): number {
  const { itemCount, epoch, position, index, examples, waiting } = cursor;
  if (examples === 0) return 0;
  const drawn = (epoch * itemCount + position + (index > 0 ? 1 : 0)) / (epochs * itemCount);
  return drawn * ((examples - waiting.length) / examples);
}

interface Waiting {
  epoch: number;
  item: number;
  index: number;
  tokens: number;
  example: unknown;
}

/**
 * The batches after `start`, one by one; without end when `plan.epochs` is `Infinity`.
 *
 * @throws {PropriaError} `NO_EXAMPLES` when an epoch gives none, `ROW_TOO_LONG` for an example that fits no bucket,
 *   `SOURCE_CHANGED` when `start` belongs to other items or examples.
 */
export function* planBatches(
  source: ExampleSource<unknown>,
  plan: BatchPlan,
  start: Cursor = firstCursor(source.itemCount),
): Generator<PlannedBatch, void, undefined> {
  const { itemCount } = source;
  if (itemCount !== start.itemCount)
    throw new PropriaError(
      "SOURCE_CHANGED",
      `the training began with ${start.itemCount} items, now there are ${itemCount}`,
    );
  const buckets = restore(source, plan, start.waiting);
  const at = { ...start };
  const emit = (bucket: number, count: number): PlannedBatch => {
    const pool = buckets[bucket]!;
    const members = takeAtRandom(pool, count, {
      random: seeded(plan.seed, "mix", at.examples, pool.length),
      distinctItems: plan.distinctItems ?? false,
    });
    const waiting = buckets.flat().map(({ epoch, item, index }): Cursor["waiting"][number] => [epoch, item, index]);
    return { ...collate(source, plan, bucket, members), cursor: { ...at, waiting } };
  };

  while (at.epoch < plan.epochs) {
    const order = epochOrder(plan.seed, at.epoch, itemCount);
    for (; at.position < itemCount; at.position++) {
      const drawn = at.index;
      for (const next of draw(source, plan, at.epoch, order(at.position))) {
        if (next.index < drawn) continue;
        at.index++;
        at.examples++;
        at.epochExamples++;
        const bucket = fittingBucket(plan.buckets, next.tokens, `an example of item ${next.item}`);
        buckets[bucket]!.push(next);
        const full = plan.buckets[bucket]!.examples;
        if (buckets[bucket]!.length >= full * plan.mixBatches) yield emit(bucket, full);
      }
      at.index = 0;
    }
    if (at.epochExamples === 0)
      throw new PropriaError("NO_EXAMPLES", `none of the ${itemCount} items gave an example`, {
        mend: "give more or longer texts, or options that ask for less",
      });
    Object.assign(at, { epoch: at.epoch + 1, position: 0, epochExamples: 0 });
  }

  const widest = buckets.findLastIndex((bucket) => bucket.length > 0);
  for (let i = 0; i <= widest; i++) {
    const full = plan.buckets[i]!.examples;
    while (buckets[i]!.length >= full) yield emit(i, full);
    if (i < widest) buckets[i + 1]!.unshift(...buckets[i]!.splice(0));
  }
  const left = buckets[widest]?.length ?? 0;
  if (left > 0 && plan.remainder === "train") yield emit(widest, left);
}

/** Takes `count` examples out of `pool`; both keep their order. With `distinctItems` one of an item, as far as there are items. */
function takeAtRandom(
  pool: Waiting[],
  count: number,
  { random, distinctItems }: { random: Random; distinctItems: boolean },
): Waiting[] {
  if (pool.length <= count) return pool.splice(0);
  const order = random.permutation(pool.length);
  const chosen = new Set((distinctItems ? firstOfItemsFirst(order, pool) : order).subarray(0, count));
  const taken = pool.filter((_, i) => chosen.has(i));
  pool.splice(0, pool.length, ...pool.filter((_, i) => !chosen.has(i)));
  return taken;
}

/** The places in their order, but the first of each item before all others. */
function firstOfItemsFirst(order: Uint32Array, pool: readonly Waiting[]): Uint32Array {
  const items = new Set<number>();
  const [firsts, others]: [number[], number[]] = [[], []];
  for (const place of order) {
    const { item } = pool[place]!;
    (items.has(item) ? others : firsts).push(place);
    items.add(item);
  }
  return Uint32Array.from([...firsts, ...others]);
}

/** The examples of one item in one epoch, each with its number and length. */
function* draw(source: ExampleSource<unknown>, plan: BatchPlan, epoch: number, item: number): Generator<Waiting> {
  let index = 0;
  for (const example of source.examples(item, seeded(plan.seed, "examples", epoch, item), epoch)) {
    const tokens = source.exampleTokens?.(example) ?? longestRow(example);
    yield { epoch, item, index: index++, tokens, example };
  }
}

/** The buckets as a cursor left them: the waiting examples are drawn again, each item once. */
function restore(source: ExampleSource<unknown>, plan: BatchPlan, waiting: Cursor["waiting"]): Waiting[][] {
  const buckets: Waiting[][] = plan.buckets.map(() => []);
  const drawn = new Map<string, Waiting[]>();
  for (const [epoch, item, index] of waiting) {
    const key = `${epoch} ${item}`;
    if (!drawn.has(key)) drawn.set(key, [...draw(source, plan, epoch, item)]);
    const again = drawn.get(key)![index];
    if (!again)
      throw new PropriaError("SOURCE_CHANGED", `item ${item} no longer gives its example ${index} of epoch ${epoch}`, {
        mend: "resume with the texts and options of the start",
      });
    buckets[fittingBucket(plan.buckets, again.tokens, `an example of item ${item}`)]!.push(again);
  }
  return buckets;
}

function collate(source: ExampleSource<unknown>, plan: BatchPlan, bucket: number, members: readonly Waiting[]) {
  const bucketTokens = plan.buckets[bucket]!.tokens;
  const context = collateContext(plan.buckets, { bucketTokens, padId: source.padId });
  const together = plan.chunk === undefined ? members.length : examplesOf(plan.chunk, bucketTokens);
  const batches: Batch[] = [];
  let tokens = 0;
  for (let at = 0; at < members.length; at += together) {
    const some = members.slice(at, at + together);
    const examples = some.map((member) => member.example);
    const batch = source.collate(examples, context);
    batches.push(batch);
    tokens += realTokens(batch) ?? some.reduce((sum, member) => sum + member.tokens, 0);
  }
  return { batches, tokens };
}

/** The ones in all attention masks of a batch; `undefined` when it has no mask. */
function realTokens(batch: Batch): number | undefined {
  let sum: number | undefined;
  for (const [name, branch] of Object.entries(batch)) {
    const here = isArray(branch) ? (name === "attentionMask" ? sumOf(branch.data) : undefined) : realTokens(branch);
    if (here !== undefined) sum = (sum ?? 0) + here;
  }
  return sum;
}

const isArray = (branch: NdArray | Batch): branch is NdArray => ArrayBuffer.isView(branch.data);

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
