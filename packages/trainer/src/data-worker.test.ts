import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { bags } from "../test/bag-model.ts";
import { type BatchFeed, feedHere } from "./batch-feed.ts";
import type { BatchPlan, Cursor } from "./batch-plan.ts";
import { lengthBuckets } from "./buckets.ts";
import { feedFromWorker } from "./data-worker.ts";

const plan: BatchPlan = { seed: 3, epochs: 2, remainder: "train", mixBatches: 1, buckets: lengthBuckets(64, 4) };
const worker = (options: object, { cursor, batchesAhead = 2 }: { cursor?: Cursor; batchesAhead?: number } = {}) =>
  feedFromWorker({ source: { module: bags, options }, plan, cursor, batchesAhead });

async function drain(feed: BatchFeed) {
  const all = [];
  for (let next = await feed.next(); next; next = await feed.next()) all.push(next);
  await feed.close();
  return all;
}

/** What `next` rejects with, sooner or later. */
async function failureOf(feed: BatchFeed): Promise<unknown> {
  try {
    await drain(feed);
    return undefined;
  } catch (error) {
    await feed.close();
    return error;
  }
}

describe("data worker", () => {
  it("makes exactly the batches that are made in the main thread, from any cursor", async () => {
    const here = await drain(await feedHere({ module: bags, options: {} }, { plan, cursor: undefined }));
    expect(here.length).toBeGreaterThan(5);
    expect(await drain(worker({}))).toEqual(here);
    expect(await drain(worker({}, { cursor: here[3]!.cursor }))).toEqual(here.slice(4));
  });

  it("runs ahead by as many batches as agreed, and no further", async () => {
    const counter = new SharedArrayBuffer(4);
    const made = () => Atomics.load(new Int32Array(counter), 0);
    const feed = worker({ counter }, { batchesAhead: 3 });
    await settled(made);
    expect(made()).toBe(3);
    await feed.next();
    await settled(made);
    expect(made()).toBe(4);
    await feed.close();
  });

  it("hands over an error of ours with its code, place and mend", async () => {
    const error = await failureOf(worker({ fail: "propria", failAt: 5 }));
    expect(error).toMatchObject({
      code: "BAG_TORN",
      at: "bags.mjs:7",
      mend: "take another",
      message: "bags.mjs:7: the bag has a hole (take another)",
    });
  });

  it("hands over any other error with its stack", async () => {
    const error = (await failureOf(worker({ fail: "plain", failAt: 5 }))) as Error;
    expect(error.message).toBe("bag is not a function");
    expect(error.stack).toContain("bags.mjs");
  });

  it("hands over an error of opening the source", async () => {
    expect(await failureOf(worker({ fail: "open" }))).toMatchObject({ code: "BAGS_CLOSED" });
  });

  it("says which module cannot be imported or exports no source", async () => {
    const feed = (module: string) =>
      feedFromWorker({ source: { module, options: {} }, plan, cursor: undefined, batchesAhead: 1 });
    expect(await failureOf(feed("file:///nowhere/source.js"))).toMatchObject({
      code: "SOURCE_MODULE",
      at: "file:///nowhere/source.js",
    });
    expect(await failureOf(feed("node:fs"))).toMatchObject({ message: /node:fs: the module exports no function/ });
  });

  it("gives an error when a batch cannot cross threads", async () => {
    expect(await failureOf(worker({ fail: "uncloneable" }))).toMatchObject({ message: /could not be cloned/ });
  });

  it("gives an error when the thread dies", async () => {
    expect(await failureOf(worker({ fail: "exit", failAt: 5 }))).toMatchObject({
      code: "DATA_WORKER_DIED",
      message: /ended by itself with status 3/,
    });
  });

  it("closes the source, ends the thread and answers those who wait", async () => {
    const closed = new SharedArrayBuffer(4);
    const feed = worker({ closed });
    await feed.next();
    await feed.close();
    await feed.close();
    expect(Atomics.load(new Int32Array(closed), 0)).toBe(1);
    expect(await feed.next()).toBeUndefined();
    expect(process.getActiveResourcesInfo()).not.toContain("Worker");
  });

  it("ends a thread that hangs in its source", async () => {
    const feed = worker({ fail: "loop", failAt: 0 }, { batchesAhead: 50 });
    const next = drain(feed);
    await wait(300);
    await feed.close();
    expect(await next).toBeInstanceOf(Array);
  });
});

/** Waits until a number has not changed for a while. */
async function settled(read: () => number): Promise<void> {
  for (let before = -1, quiet = 0; quiet < 5; await wait(50)) {
    quiet = read() === before && before > 0 ? quiet + 1 : 0;
    before = read();
  }
}
