/**
 * Native libraries run in a worker thread: their calls are synchronous and take up to minutes. One thread for each library in a
 * process (faiss-node cannot be loaded in two), which keeps no process alive.
 */
import { createRequire } from "node:module";
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { FaissCalls } from "../faiss/faiss-calls.ts";
import type { UsearchCalls } from "../hnsw/usearch-calls.ts";

/** The functions of each library's side of the thread. */
export interface Libraries {
  usearch: UsearchCalls;
  faiss: FaissCalls;
}

/** How a thread was started. */
export interface WorkerSettings {
  library: keyof Libraries;
  /** Of faiss, for the whole process. */
  threads: number;
}

/** A question to the thread. */
export interface Question {
  number: number;
  name: string;
  given: unknown[];
}

/** Its answer. */
export interface Answer {
  number: number;
  result?: unknown;
  error?: string;
}

/** The same functions, asynchronous. */
export type Remote<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Promise<Awaited<Result>>
    : never;
};

/** A library in its thread. */
export interface NativeLibrary<Name extends keyof Libraries> {
  readonly threads: number;
  readonly calls: Remote<Libraries[Name]>;
}

// Two copies of this module (the ESM and the CommonJS build) must not load a library twice.
const shared = globalThis as { [started]?: Partial<{ [Name in keyof Libraries]: NativeLibrary<Name> }> };
const started = Symbol.for("propria.dense-index.native");

/** Starts the library's thread, or takes the one that runs. What cannot be loaded shows at the first call. */
export function nativeLibrary<Name extends keyof Libraries>(library: Name, threads: number): NativeLibrary<Name> {
  shared[started] ??= {};
  const libraries = shared[started] as { [N in Name]?: NativeLibrary<Name> };
  libraries[library] ??= start(library, threads);
  return libraries[library]!;
}

function start<Name extends keyof Libraries>(library: Name, threads: number): NativeLibrary<Name> {
  const settings: WorkerSettings = { library, threads };
  const file = createRequire(import.meta.url).resolve("@propria/dense-index/worker");
  const worker = new Worker(file, { workerData: settings, env: SHARE_ENV }); // faiss reads the process' environment when it loads
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  worker.unref();
  worker.on("message", ({ number, result, error }: Answer) => {
    const { resolve, reject } = waiting.get(number)!;
    waiting.delete(number);
    if (waiting.size === 0) worker.unref();
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    delete shared[started]![library];
  });
  const call =
    (name: string) =>
    (...given: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        waiting.set(asked, { resolve, reject });
        worker.ref();
        worker.postMessage({ number: asked++, name, given } satisfies Question);
      });
  const calls = new Proxy({}, { get: (_, name) => (name === "then" ? undefined : call(String(name))) });
  return { threads, calls: calls as Remote<Libraries[Name]> };
}
