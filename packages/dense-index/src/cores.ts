/** From options to the core of a kind: defaults, checks, libraries. */
import { availableParallelism } from "node:os";
import { PropriaError } from "@propria/base";
import { type Backend, openBackend } from "@propria/engine";
import { nearestName } from "@propria/metrics";
import { type Factory, parseFactory } from "./faiss/factory.ts";
import type { FaissSettings } from "./faiss/faiss-core.ts";
import { FAISS_DEFAULTS } from "./faiss/header.ts";
import type { HnswSettings } from "./hnsw/hnsw-core.ts";
import { expectWhole } from "./input.ts";
import { type NativeLibrary, nativeLibrary } from "./native/native-worker.ts";
import type { IndexOptions } from "./options.ts";
import type { IndexIdentity } from "./stored-index.ts";

/** Options of any kind, with the identity apart. */
export type KindOptions = Omit<IndexOptions, keyof IndexIdentity>;

const DEFAULT_EF_SEARCH = 64;
const LISTS_OF_PROBE = 16;

/** Which kinds take an option; any takes threads and a backend, which `exact` alone needs. */
const TAKEN_BY: Record<
  Exclude<keyof KindOptions, "threads" | "backend">,
  (kind: string, factory: Factory | undefined) => boolean
> = {
  quantize: (kind) => kind === "exact",
  candidates: (kind) => kind === "exact" || kind === "hnsw",
  connectivity: (kind) => kind === "hnsw",
  precision: (kind) => kind === "hnsw",
  efConstruction: (kind, factory) => kind === "hnsw" || factory?.links !== undefined,
  efSearch: (kind, factory) => kind === "hnsw" || factory?.links !== undefined,
  nprobe: (_, factory) => factory?.lists !== undefined,
};

/**
 * Checks what every kind has.
 *
 * @returns The factory of a `faiss:` kind.
 * @throws {PropriaError} `INDEX_KIND`, `FAISS_FACTORY`, `OPTION_INVALID`, `DIMENSIONS`.
 */
export function checkOptions(
  { kind, dimensions, similarity }: IndexIdentity,
  options: KindOptions,
): Factory | undefined {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new PropriaError("DIMENSIONS", `dimensions is ${dimensions}`, { mend: "a whole number, 1 or more" });
  if (similarity !== "dot" && similarity !== "cosine")
    throw new PropriaError("OPTION_INVALID", `similarity is ${JSON.stringify(similarity)}`, { mend: "dot or cosine" });
  if (kind !== "exact" && kind !== "hnsw" && !String(kind).startsWith("faiss:")) throw unknownKind(kind);
  const factory = kind.startsWith("faiss:") ? parseFactory(kind.slice("faiss:".length), dimensions) : undefined;
  for (const [name, isTaken] of Object.entries(TAKEN_BY))
    if (options[name as keyof KindOptions] !== undefined && !isTaken(kind, factory))
      throw new PropriaError("OPTION_INVALID", `${kind} has no option ${name}`, { mend: "leave it out" });
  expectWhole("threads", options.threads, 1, 1024);
  expectWhole("candidates", options.candidates, 1, 1000);
  expectWhole("connectivity", options.connectivity, 2, 512);
  expectWhole("efConstruction", options.efConstruction, 1);
  expectWhole("efSearch", options.efSearch, 1);
  expectWhole("nprobe", options.nprobe, 1, factory?.lists);
  expectOneOf("quantize", options.quantize, ["int8"]);
  expectOneOf("precision", options.precision, ["f32", "bf16", "i8"]);
  if (options.precision === "i8" && similarity !== "cosine")
    throw new PropriaError("OPTION_INVALID", "precision i8 keeps no lengths", {
      mend: "use it with similarity cosine, or take bf16",
    });
  return factory;
}

function unknownKind(kind: string): PropriaError {
  const near = nearestName(String(kind).replace(/:.*/, ""), ["exact", "hnsw", "faiss"]);
  const guess = near === undefined ? "" : `did you mean ${near === "faiss" ? "faiss:FACTORY" : near}? `;
  return new PropriaError("INDEX_KIND", `no index is of the kind ${JSON.stringify(kind)}`, {
    mend: `${guess}there are exact, hnsw and faiss:FACTORY, such as faiss:IVF316,Flat`,
  });
}

function expectOneOf(name: string, value: string | undefined, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return;
  throw new PropriaError("OPTION_INVALID", `${name} is ${JSON.stringify(value)}`, {
    mend: `one of: ${values.join(", ")}`,
  });
}

const threadsOf = ({ threads = availableParallelism() }: KindOptions): number => threads;

/** The backend that was given, or one of this process' own. */
export const backendOf = async (options: KindOptions): Promise<Backend> =>
  options.backend ?? (await openBackend("onnx", { threads: threadsOf(options) }));

/** Candidates for each wanted document of int8. */
export const int8Candidates = ({ candidates = 4 }: KindOptions): number => candidates;

/**
 * usearch in its thread.
 *
 * @throws {PropriaError} `USEARCH_ABSENT` where it does not load.
 */
export async function usearch(): Promise<NativeLibrary<"usearch">> {
  const library = nativeLibrary("usearch", 0); // threads are an argument of its calls
  const reason = await library.calls.load();
  if (reason === undefined) return library;
  throw new PropriaError("USEARCH_ABSENT", `usearch does not load: ${reason}`, {
    mend: "npm i usearch@2.26.2; or take exact",
  });
}

/** Settings of `hnsw`. */
export const hnswSettings = (dimensions: number, options: KindOptions): HnswSettings => ({
  dimensions,
  precision: options.precision ?? "bf16",
  connectivity: options.connectivity ?? 16,
  efConstruction: options.efConstruction ?? 128,
  efSearch: options.efSearch ?? DEFAULT_EF_SEARCH,
  candidates: options.candidates ?? 2,
  threads: threadsOf(options),
});

/** Settings of `faiss:`. */
export const faissSettings = (dimensions: number, factory: Factory, options: KindOptions): FaissSettings => ({
  dimensions,
  factory,
  ...(factory.links === undefined
    ? {}
    : {
        breadths: {
          efConstruction: options.efConstruction ?? FAISS_DEFAULTS.efConstruction,
          efSearch: options.efSearch ?? DEFAULT_EF_SEARCH,
        },
      }),
  ...(factory.lists === undefined
    ? {}
    : { nprobe: options.nprobe ?? Math.max(1, Math.round(factory.lists / LISTS_OF_PROBE)) }),
});

/**
 * faiss in its thread.
 *
 * @throws {PropriaError} `FAISS_ABSENT` where faiss-node does not load; `FAISS_THREADS` when it runs with another number of threads.
 */
export async function faiss(options: KindOptions): Promise<NativeLibrary<"faiss">> {
  const library = nativeLibrary("faiss", threadsOf(options));
  const reason = await library.calls.load();
  if (reason !== undefined)
    throw new PropriaError("FAISS_ABSENT", `faiss-node does not load: ${reason}`, {
      mend: "npm i faiss-node@0.5.1; where its binary cannot be downloaded, compile it with scripts/build-faiss.sh of our repository; or take hnsw or exact",
    });
  if (options.threads !== undefined && options.threads !== library.threads)
    throw new PropriaError(
      "FAISS_THREADS",
      `faiss runs with ${library.threads} threads in this process, ${options.threads} asked for`,
      {
        mend: "give the first faiss index of a process the number; it holds for all",
      },
    );
  return library;
}
