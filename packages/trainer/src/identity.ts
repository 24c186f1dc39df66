import { createHash } from "node:crypto";
import type { Batch, ParameterStore } from "@propria/engine";
import type { Json, Settings } from "./options.ts";

/**
 * What must be the same for a training to go on: everything that decides a bit of the result, but for the number of
 * threads and the machine.
 */

/** The identity of a training that starts from the weights now in the store. */
export function identityOf<B extends Batch>(settings: Settings<B>): Json {
  const {
    identity,
    seed,
    length,
    batch,
    chunk,
    learningRate,
    warmupRatio,
    maxTokens,
    remainder,
    mixBatches,
    distinctItems,
    optimizer,
    evaluation,
  } = settings;
  return asJson({
    identity,
    seed,
    ...length,
    batch,
    chunk, // dropout masks belong to chunks
    learningRate,
    warmupRatio,
    maxTokens,
    remainder,
    mixBatches,
    ...(distinctItems && { distinctItems }), // a plain loss has the identity, and the batches, that it had before there was such a thing
    optimizer: Object.fromEntries(Object.entries(optimizer).map(([name, value]) => [name, String(value)])), // Infinity is no JSON
    ...(evaluation && {
      evaluation: { every: evaluation.every, first: evaluation.first, patience: evaluation.patience },
    }),
    backend: settings.backend.name,
    initialWeights: hashWeights(settings.store),
  });
}

/** The first place where two values differ, `identity.options.spans`, with both values; `undefined` when they are equal. */
export function firstDifference(
  before: Json | undefined,
  now: Json | undefined,
  path = "",
): { path: string; before: Json | undefined; now: Json | undefined } | undefined {
  if (!isTree(before) || !isTree(now) || Array.isArray(before) !== Array.isArray(now))
    return before === now ? undefined : { path, before, now };
  const [a, b] = [before as Tree, now as Tree];
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[name], b[name], path ? `${path}.${name}` : name);
    if (found) return found;
  }
  return undefined;
}

type Tree = Readonly<Record<string, Json>>;
const isTree = (value: Json | undefined): boolean => typeof value === "object" && value !== null;

/** As it comes back from a file. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

/** sha256 over names, shapes and values of all parameters. */
function hashWeights(store: ParameterStore): string {
  const hash = createHash("sha256");
  for (const name of store.names) {
    const { buffer, byteOffset, byteLength } = store.weights(name);
    hash.update(`${name} ${store.shape(name).join()}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
