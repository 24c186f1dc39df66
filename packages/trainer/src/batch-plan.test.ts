import { seeded } from "@propria/base";
import type { NdArray } from "@propria/engine";
import { describe, expect, it } from "vitest";
import { type BatchPlan, type Cursor, fractionTrained, type PlannedBatch, planBatches } from "./batch-plan.ts";
import { lengthBuckets } from "./buckets.ts";
import type { ExampleSource } from "./source.ts";

type Example = { row: number[]; name: number };

/** Items of `lengths[item]` rows each; an example's name tells its item and its number. */
function rows(lengths: readonly (readonly number[])[]): ExampleSource<Example> {
  return {
    itemCount: lengths.length,
    *examples(item) {
      for (const [i, length] of lengths[item]!.entries()) yield { row: Array(length).fill(1), name: item * 10 + i };
    },
    collate: (examples, { pad }) => ({
      tokens: pad(examples.map(({ row }) => row)),
      names: { data: Int32Array.from(examples, ({ name }) => name), shape: [examples.length] },
    }),
  };
}

const plan = (more: Partial<BatchPlan> & { batch?: number; maxTokens?: number } = {}): BatchPlan => ({
  seed: 1,
  epochs: 1,
  remainder: "drop",
  mixBatches: 1,
  buckets: lengthBuckets(more.maxTokens ?? 128, more.batch ?? 2),
  ...more,
});
const namesOf = ({ batches }: PlannedBatch) => batches.flatMap((batch) => [...(batch.names as NdArray).data]);
const widthOf = ({ batches: [batch] }: PlannedBatch) =>
  (batch!.tokens as unknown as { inputIds: NdArray }).inputIds.shape[1];

/** A source like a real one: none to three examples an item, of any length, from the item's own stream. */
const varied: ExampleSource<Example> = {
  ...rows([]),
  itemCount: 23,
  *examples(item, random) {
    for (let i = random.int(4); i > 0; i--)
      yield { row: Array.from({ length: 1 + random.int(100) }, () => random.int(50)), name: item };
  },
};

describe("planBatches", () => {
  it("fills each bucket on its own and emits it when full", () => {
    const batches = [...planBatches(rows([[10], [50], [11], [51], [12], [13]]), plan())];
    expect(batches.map(widthOf).sort()).toEqual([32, 32, 64]);
    expect(batches.every((each) => namesOf(each).length === 2)).toBe(true);
    expect(batches.flatMap(namesOf).sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it("draws a batch among those that wait, so that an item's examples part", () => {
    const items = rows(Array.from({ length: 40 }, () => [1, 1, 1, 1, 1])); // five examples an item
    const itemsOf = (mixBatches: number) =>
      [...planBatches(items, plan({ batch: 10, mixBatches }))].map(
        (each) => new Set(namesOf(each).map((name) => Math.floor(name / 10))).size,
      );
    expect(itemsOf(1)).toEqual(Array(20).fill(2));
    const mixed = itemsOf(8);
    expect(mixed.length).toBe(20);
    expect(Math.min(...mixed.slice(0, 12))).toBeGreaterThan(4); // then the pool runs dry
    const names = [...planBatches(items, plan({ batch: 10, mixBatches: 8 }))].flatMap(namesOf);
    expect(new Set(names).size).toBe(200);
  });

  /** Examples that share their batch with another of their item. */
  const twins = (batches: Iterable<PlannedBatch>): number => {
    let count = 0;
    for (const batch of batches) {
      const items = namesOf(batch).map((name) => Math.floor(name / 10));
      count += items.filter((item) => items.indexOf(item) !== items.lastIndexOf(item)).length;
    }
    return count;
  };

  it("draws one example of an item into a batch when told to, over the end of an epoch and of items with several", () => {
    const one = rows(Array.from({ length: 700 }, () => [1]));
    const several = rows(Array.from({ length: 300 }, () => [1, 1, 1]));
    for (const source of [one, several]) {
      const batches = (distinctItems?: boolean) =>
        take(planBatches(source, plan({ batch: 50, mixBatches: 8, epochs: 99, distinctItems })), 60);
      expect(twins(batches())).toBeGreaterThan(50);
      expect(twins(batches(true))).toBe(0);
    }
  });

  it("draws the same batches as ever when not told to, and each example once when told to", () => {
    const items = rows(Array.from({ length: 90 }, (_, i) => [1 + (i % 40), 1]));
    const batches = (more: Partial<BatchPlan>) => [
      ...planBatches(items, plan({ batch: 20, mixBatches: 3, epochs: 2, ...more })),
    ];
    expect(batches({ distinctItems: false })).toEqual(batches({}));
    const names = batches({ distinctItems: true }).flatMap(namesOf);
    expect(names.length).toBe(360);
    expect(new Set(names.filter((name) => names.indexOf(name) !== names.lastIndexOf(name))).size).toBe(180); // in two epochs
  });

  it("fills up with further examples of an item where too few items wait", () => {
    const items = rows(Array.from({ length: 5 }, () => [1, 1, 1]));
    const batches = [...planBatches(items, plan({ batch: 8, mixBatches: 2, epochs: 8, distinctItems: true }))];
    expect(batches.map((each) => namesOf(each).length)).toEqual(Array(15).fill(8));
    for (const batch of batches.slice(0, 8))
      expect(new Set(namesOf(batch).map((name) => Math.floor(name / 10))).size).toBeGreaterThanOrEqual(4);
  });

  it("counts the real tokens", () => {
    const [first] = planBatches(rows([[10], [12]]), plan());
    expect(first!.tokens).toBe(22);
  });

  it("draws each item in each epoch from a stream of its own", () => {
    const seen: string[] = [];
    const source: ExampleSource<Example> = {
      ...rows([[1], [1], [1]]),
      *examples(item, random) {
        seen.push(`${item} ${random()}`);
        yield { row: [1], name: item };
      },
    };
    for (const _ of planBatches(source, plan({ epochs: 2, batch: 3 }))) void _;
    const expected = [0, 1].flatMap((epoch) =>
      [0, 1, 2].map((item) => `${item} ${seeded(1, "examples", epoch, item)()}`),
    );
    expect(seen.sort()).toEqual(expected.sort());
  });

  it("carries what waits into the next epoch", () => {
    const batches = [...planBatches(rows([[1], [1], [1]]), plan({ epochs: 2 }))];
    expect(batches.map((each) => namesOf(each).length)).toEqual([2, 2, 2]);
  });

  it("moves the last examples into wider buckets, and drops less than one batch", () => {
    const source = rows([[10], [50], [100], [100], [100]]);
    const batches = [...planBatches(source, plan())];
    expect(batches.map(widthOf).sort()).toEqual([128, 64]); // a hundred and a hundred; ten and fifty; a hundred is dropped
  });

  it("trains on the last few, as one smaller batch, when told to", () => {
    const batches = [...planBatches(rows([[10], [50], [100], [100], [100]]), plan({ remainder: "train" }))];
    expect(batches.map((each) => namesOf(each).length)).toEqual([2, 2, 1]);
    expect(batches.at(-1)!.cursor.waiting).toEqual([]);
  });

  it.each([
    ["drop" as const, 3, 4, 1, false],
    ["train" as const, 3, 4, 1, false],
    ["train" as const, 3, 4, 2, false],
    ["train" as const, 3, 4, 2, true],
    ["drop" as const, 4, 3, 5, false],
    ["drop" as const, 4, 3, 5, true],
    ["train" as const, 1, 7, 1, false],
    ["train" as const, 2, { tokens: 128 }, 2, true],
  ])("goes on from every cursor as if never stopped (%s, %i epochs, batch %j, mix %i, distinct %s)", (...given) => {
    const [remainder, epochs, batch, mixBatches, distinctItems] = given;
    const varying = plan({ remainder, epochs, mixBatches, distinctItems, buckets: lengthBuckets(128, batch), seed: 4 });
    const all = [...planBatches(varied, varying)];
    expect(all.length).toBeGreaterThan(5);
    for (const [i, { cursor }] of all.entries()) {
      const kept = JSON.parse(JSON.stringify(cursor)) as Cursor; // as a checkpoint keeps it
      expect([...planBatches(varied, varying, kept)]).toEqual(all.slice(i + 1));
    }
  });

  it("cuts a batch into chunks, the last of what is left, without another batch coming of it", () => {
    const wholes = [...planBatches(varied, plan({ batch: 5, epochs: 3, remainder: "train" }))];
    const sizes = (chunk: BatchPlan["chunk"]) =>
      [...planBatches(varied, plan({ batch: 5, epochs: 3, remainder: "train", chunk }))].map((each, i) => {
        expect(namesOf(each)).toEqual(namesOf(wholes[i]!));
        expect({ ...each, batches: [] }).toEqual({ ...wholes[i], batches: [] });
        return each.batches.map((batch) => (batch.names as NdArray).data.length);
      });
    expect(new Set(sizes(2).slice(0, -1).map(String))).toEqual(new Set(["2,2,1"]));
    expect(sizes(8)).toEqual(wholes.map((each) => [namesOf(each).length]));
    expect(new Set(sizes({ tokens: 128 }).slice(0, -1).map(String))).toEqual(new Set(["4,1", "2,2,1", "1,1,1,1,1"]));
  });

  it("draws again only the items that wait or are half drawn", () => {
    const drawn: number[] = [];
    const source: ExampleSource<Example> = {
      ...rows([]),
      itemCount: 1000,
      *examples(item) {
        drawn.push(item);
        yield { row: [1], name: item };
      },
    };
    const first = [...take(planBatches(source, plan({ batch: 3, epochs: 9 })), 300)].at(-1)!;
    expect(first.cursor.position).toBe(899);
    drawn.length = 0;
    planBatches(source, plan({ batch: 3, epochs: 9 }), first.cursor).next();
    expect(drawn.length).toBeLessThan(6);
  });

  it("ends with an error, not never, when an epoch gives no example", () => {
    expect(() => [...planBatches(rows([[], []]), plan({ epochs: Number.POSITIVE_INFINITY }))]).toThrow(
      "none of the 2 items gave an example",
    );
    expect(() => [...planBatches(rows([]), plan({ epochs: Number.POSITIVE_INFINITY }))]).toThrow("none of the 0 items");
  });

  it("refuses an example that fits no bucket, naming the item", () => {
    expect(() => [...planBatches(rows([[129]]), plan())]).toThrow(
      "an example of item 0 has 129 tokens, at most 128 fit (cut texts",
    );
  });

  it("refuses a cursor of another source", () => {
    const [first] = planBatches(rows([[1, 2, 3]]), plan());
    expect(() => planBatches(rows([[1], [1]]), plan(), first!.cursor).next()).toThrow(/began with 1 items, now .* 2/);
    const cursor: Cursor = { ...first!.cursor, waiting: [[0, 0, 9]] };
    expect(() => planBatches(rows([[1]]), plan(), cursor).next()).toThrow("item 0 no longer gives its example 9");
  });

  it("asks a source that knows better for the tokens of an example", () => {
    const source = { ...rows([[10], [10]]), exampleTokens: () => 40 };
    const [first] = planBatches(source, plan());
    expect(first!.cursor.examples).toBe(2);
    expect([...planBatches({ ...source, exampleTokens: ({ row }: Example) => row.length * 9 }, plan())].length).toBe(1);
  });
});

describe("fractionTrained", () => {
  it("rises from 0 to 1 as the examples are trained on", () => {
    const fractions = [...planBatches(varied, plan({ remainder: "train", epochs: 3 }))].map(({ cursor }) =>
      fractionTrained(cursor, 3),
    );
    expect(fractions[0]).toBeGreaterThan(0);
    expect(fractions[0]).toBeLessThan(0.2);
    expect(fractions.at(-1)).toBe(1);
  });
});

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}
