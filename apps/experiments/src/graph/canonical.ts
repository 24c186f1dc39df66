/** One text for one value, so that equal settings have equal hashes. */
import { createHash } from "node:crypto";

/** What settings and outputs are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** JSON with the members of every object in the order of their names. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

/** sha256 of a value's canonical text, in hexadecimal. */
export const hashOf = (value: Json): string => createHash("sha256").update(canonical(value)).digest("hex");
