/** `@propria/dense-index/worker`: the thread of a native library. Started by the package itself. */
import { parentPort, workerData } from "node:worker_threads";
import { faissCalls } from "./faiss/faiss-calls.ts";
import { usearchCalls } from "./hnsw/usearch-calls.ts";
import type { Answer, Question, WorkerSettings } from "./native/native-worker.ts";

type Calls = Record<string, (...given: unknown[]) => unknown>;

const { library, threads } = workerData as WorkerSettings;
const calls = (library === "usearch" ? usearchCalls() : faissCalls(threads)) as unknown as Calls;

parentPort!.on("message", async ({ number, name, given }: Question) => {
  let answer: Answer;
  try {
    answer = { number, result: await calls[name]!(...given) };
  } catch (error) {
    answer = { number, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort!.postMessage(answer);
});
