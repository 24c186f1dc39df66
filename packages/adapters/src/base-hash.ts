import { createHash } from "node:crypto";
import type { HostParameters } from "@propria/transformer-core";

const known = new WeakMap<HostParameters, Map<string, string>>(); // a model is hashed once, however many adapters it is to have

/** The modules that every adapter stands on. */
export const ENCODER = ["embeddings", "encoder"] as const;

/** The key of the weights file's metadata that holds the hash of the model: PEFT's configuration has no place for it. */
export const BASE_KEY = "propria.base";

/** SHA-256 of a model's weights, of its encoder unless other modules are named: names, shapes and values, in the order of names. */
export function baseHash(parameters: HostParameters, modules: readonly string[] = ENCODER): string {
  const hashes = known.get(parameters) ?? new Map<string, string>();
  known.set(parameters, hashes);
  const found = hashes.get(modules.join());
  if (found) return found;
  const hash = createHash("sha256");
  for (const name of Object.keys(parameters).sort()) {
    if (!modules.includes(moduleOf(name))) continue;
    const { shape, data } = parameters[name]!;
    hash.update(`${name} [${shape}]\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const digest = hash.digest("hex");
  hashes.set(modules.join(), digest);
  return digest;
}

/**
 * What an adapter stands on, as its file's metadata says it: the hash of the encoder, and that of each head of the model's own that training computed with, such as the
 * pooler of a cross-encoder, whether the adapter attaches there or not. Heads that lie in the adapter's file are none of the model's. Each head has a hash of its own since whoever
 * opens the adapter may have no use for it: the vectors of a cross-encoder want no pooler.
 *
 * Not in it: the number of heads and the epsilon, which `config.json` says beside the weights that they are right for, and the vocabulary, for an adapter knows no text. Both decide the space
 * of the vectors (`encodingSpace` of @propria/transformer-core).
 *
 * @param base  All that the model is computed with.
 * @param heads What the adapter's file holds besides.
 */
export function baseHashes(base: HostParameters, heads: HostParameters): Record<string, string> {
  const [encoder, others] = [
    ENCODER as readonly string[],
    Object.keys(base).filter((name) => !Object.hasOwn(heads, name)),
  ];
  const modules = modulesOf(others).filter((module) => !encoder.includes(module) && module !== "adapter");
  return {
    [BASE_KEY]: baseHash(base),
    ...Object.fromEntries(modules.map((module) => [`${BASE_KEY}.${module}`, baseHash(base, [module])])),
  };
}

/**
 * Whether a model is the one that the metadata of an adapter's file tells of; `undefined` where it tells of none. A head that the model was loaded without is not asked for.
 *
 * @param pooler Whether the adapter attaches to the pooler: before a head had a hash of its own, the encoder's was then of both.
 */
export function isBase(
  metadata: Readonly<Record<string, string>>,
  base: HostParameters,
  { pooler }: { pooler: boolean },
): boolean | undefined {
  const stated = metadata[BASE_KEY];
  if (stated === undefined) return undefined;
  const ofBoth = pooler && metadata[`${BASE_KEY}.pooler`] === undefined;
  if (stated !== baseHash(base, ofBoth ? [...ENCODER, "pooler"] : ENCODER)) return false;
  return modulesOf(Object.keys(base)).every((module) => {
    const hash = metadata[`${BASE_KEY}.${module}`];
    return hash === undefined || hash === baseHash(base, [module]);
  });
}

/** `bert.pooler.dense.bias` is of the module `pooler`, `classifier.weight` of `classifier`. */
export const moduleOf = (name: string): string => name.replace(/^bert\./, "").split(".")[0]!;

/** The modules that parameters belong to, each once. */
export const modulesOf = (names: readonly string[]): string[] => [...new Set(names.map(moduleOf))];
