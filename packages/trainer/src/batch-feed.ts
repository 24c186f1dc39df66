import { type BatchPlan, type Cursor, type PlannedBatch, planBatches } from "./batch-plan.ts";
import { openSource } from "./open-source.ts";
import type { ExampleSource, SourceSpec } from "./source.ts";

/** Batches in order, wherever they are made. */
export interface BatchFeed {
  /** The next batch; `undefined` after the last, and once closed. */
  next(): Promise<PlannedBatch | undefined>;
  /** Ends whatever makes them. Harmless when called twice. */
  close(): Promise<void>;
}

/** What a feed is made from. Without a cursor it begins at the first batch. */
export interface FeedOptions {
  plan: BatchPlan;
  cursor: Cursor | undefined;
}

/** A feed that makes each batch in this thread when it is asked for. */
export async function feedHere(
  source: SourceSpec | ExampleSource<unknown>,
  { plan, cursor }: FeedOptions,
): Promise<BatchFeed> {
  const opened = "module" in source ? await openSource(source) : source;
  const batches = planBatches(opened, plan, cursor);
  let closed = false;
  return {
    async next() {
      await new Promise((resolve) => setImmediate(resolve)); // lets signals in, which a loop of promises alone would not
      const { done, value } = closed ? { done: true } : batches.next();
      return done ? undefined : (value as PlannedBatch);
    },
    async close() {
      if (closed) return;
      closed = true;
      await opened.close?.();
    },
  };
}
