import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { PropriaError } from "@propria/base";
import type { BatchFeed } from "./batch-feed.ts";
import type { PlannedBatch } from "./batch-plan.ts";
import { type FromWorker, type ToWorker, unpackError, type WorkerJob } from "./worker-messages.ts";

const GRACE_MS = 2000; // for the source to close its files before the thread is ended

/**
 * A feed whose batches are made in a thread that runs ahead of those taken by at most `batchesAhead`.
 *
 * Errors of the source come out of `next` as they were thrown, PropriaErrors with their fields; so does the death of the
 * thread (`DATA_WORKER_DIED`). Batches that were made before come first.
 */
export function feedFromWorker(job: WorkerJob): BatchFeed {
  const program = createRequire(import.meta.url).resolve("@propria/trainer/worker");
  // A worker of plain Node, whatever this process was started with: its program and its sources are built JavaScript.
  const worker = new Worker(program, { workerData: job, execArgv: [], name: "propria data" });
  const made: PlannedBatch[] = [];
  let ending: { error?: Error } | undefined; // after it nothing more comes
  let closing: Promise<void> | undefined;
  let wake = (): void => undefined;
  const end = (error?: Error): void => {
    ending ??= error ? { error } : {};
    wake();
  };
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("message", (message: FromWorker) => {
    if (closing) return; // batches that were on their way
    if (message.kind === "batch") made.push(message.planned);
    else if (message.kind === "error") end(unpackError(message.error));
    else end();
    wake();
  });
  worker.on("messageerror", (cause) => end(new Error("a batch could not be read", { cause })));
  worker.on("error", (cause) => end(died(`failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause)));
  worker.on("exit", (status) => end(died(`ended by itself with status ${status}`)));

  const tell = (message: ToWorker): void => worker.postMessage(message);
  return {
    async next() {
      while (made.length === 0 && !ending) await new Promise<void>((resolve) => (wake = resolve));
      const planned = made.shift();
      if (planned) tell("taken");
      else if (ending?.error) throw ending.error;
      return planned;
    },
    close() {
      closing ??= stop();
      return closing;
    },
  };

  async function stop(): Promise<void> {
    made.length = 0;
    end(); // whoever waits gets nothing more
    tell("stop");
    const timer = setTimeout(() => void worker.terminate(), GRACE_MS);
    await exited;
    clearTimeout(timer);
  }
}

const died = (how: string, cause?: unknown): PropriaError =>
  new PropriaError("DATA_WORKER_DIED", `the thread that makes examples ${how}`, {
    mend: "train with resume to go on from the last checkpoint; give the process more memory if it ran out",
    cause,
  });
