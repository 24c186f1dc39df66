import type { Batch } from "@propria/engine";
import { type BatchFeed, feedHere } from "./batch-feed.ts";
import type { Cursor } from "./batch-plan.ts";
import { lengthBuckets } from "./buckets.ts";
import { feedFromWorker } from "./data-worker.ts";
import type { Settings } from "./options.ts";

/** The batches of a training after `cursor`, made where its settings say. Both places make the same. */
export async function openFeed<B extends Batch>(settings: Settings<B>, cursor: Cursor | undefined): Promise<BatchFeed> {
  const { source, seed, length, remainder, mixBatches, distinctItems, maxTokens, batch, chunk } = settings;
  const { workers, batchesAhead } = settings;
  const buckets = lengthBuckets(maxTokens, batch);
  const epochs = length.epochs ?? Number.POSITIVE_INFINITY;
  const plan = { seed, buckets, epochs, remainder, mixBatches, distinctItems, chunk };
  if (workers === 0 || !("module" in source)) return feedHere(source, { plan, cursor });
  return feedFromWorker({ source, plan, cursor, batchesAhead });
}
