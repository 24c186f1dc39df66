import { createHash } from "node:crypto";
import type { HostParameters } from "@propria/transformer-core";

const known = new WeakMap<HostParameters, Map<string, string>>(); // a model is hashed once, however many adapters it is to have

/**
 * SHA-256 of the weights that an adapter stands on: the encoder's, with the pooler's where it attaches there; names, shapes and values, in the order of names. Heads do not count.
 */
export function baseHash(parameters: HostParameters, { pooler = false }: { pooler?: boolean } = {}): string {
  const hashes = known.get(parameters) ?? new Map<string, string>();
  known.set(parameters, hashes);
  const prefixes = ["bert.embeddings.", "bert.encoder.", ...(pooler ? ["bert.pooler."] : [])];
  const key = prefixes.join();
  const found = hashes.get(key);
  if (found) return found;
  const hash = createHash("sha256");
  for (const name of Object.keys(parameters).sort()) {
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const { shape, data } = parameters[name]!;
    hash.update(`${name} [${shape}]\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const digest = hash.digest("hex");
  hashes.set(key, digest);
  return digest;
}
