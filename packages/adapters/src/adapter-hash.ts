import { createHash } from "node:crypto";
import type { LoadedAdapter } from "./load.ts";

/** SHA-256, hexadecimal, of what an adapter makes of its model: its name and options, and the values of its parameters and heads. */
export function adapterHash({ attachment, parameters, heads }: Omit<LoadedAdapter, "baseKnown">): string {
  const { adapter, options } = attachment;
  const hash = createHash("sha256").update(JSON.stringify([adapter.name, options]));
  for (const [name, { shape, data }] of Object.entries({ ...parameters, ...heads }).sort(byName))
    hash.update(`${name} [${shape}]\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
