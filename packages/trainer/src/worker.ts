import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { planBatches } from "./batch-plan.ts";
import { openSource } from "./open-source.ts";
import type { ExampleSource } from "./source.ts";
import { type FromWorker, memoryOf, packError, type ToWorker, type WorkerJob } from "./worker-messages.ts";

/** The data worker: opens a source and sends its batches, no more than agreed ahead of those taken. */

if (parentPort) void sendBatches(parentPort, workerData as WorkerJob);

async function sendBatches(port: MessagePort, { source: spec, plan, cursor, batchesAhead }: WorkerJob): Promise<void> {
  const send = (message: FromWorker, memory: ArrayBuffer[] = []): void => port.postMessage(message, memory);
  const credit = creditFrom(port, batchesAhead);
  let source: ExampleSource<unknown> | undefined;
  try {
    source = await openSource(spec);
    const batches = planBatches(source, plan, cursor);
    while (await credit.one()) {
      const { done, value: planned } = batches.next();
      if (done) {
        send({ kind: "end" });
        break;
      }
      send({ kind: "batch", planned }, memoryOf(planned.batches));
    }
    await source.close?.();
  } catch (error) {
    send({ kind: "error", error: packError(error) });
    await closeAfterError(source, send);
  }
  port.close();
}

/** A source that does not even close says so, after the error that matters. */
async function closeAfterError(source: ExampleSource<unknown> | undefined, send: (message: FromWorker) => void) {
  try {
    await source?.close?.();
  } catch (error) {
    send({ kind: "error", error: packError(error) });
  }
}

/** Permission to make batches: `batchesAhead` at first, one more for each taken. `one` gives false when told to stop. */
function creditFrom(port: MessagePort, batchesAhead: number): { one(): Promise<boolean> } {
  let left = batchesAhead;
  let stopped = false;
  let wake = (): void => undefined;
  port.on("message", (message: ToWorker) => {
    if (message === "stop") stopped = true;
    else left++;
    wake();
  });
  return {
    async one() {
      await new Promise((resolve) => setImmediate(resolve)); // lets messages in, "stop" above all
      while (left === 0 && !stopped) await new Promise<void>((resolve) => (wake = resolve));
      left--;
      return !stopped;
    },
  };
}
