/** Which vectors may be compared: a space says everything that decides their numbers. */
import { createHash } from "node:crypto";
import { PropriaError } from "@propria/base";

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The encoding contract of a model and what else decides the numbers of its vectors (hashes of the vocabulary and of the weights):
 * a flat record. Vectors of two spaces have no scores with each other.
 */
export type Space = Readonly<Record<string, Json>>;

/** SHA-256 of a space in hexadecimal; the order of the fields does not matter. */
export const spaceHash = (space: Space): string => createHash("sha256").update(canonical(space)).digest("hex");

/**
 * Refuses vectors of another space.
 *
 * @param at Where `found` stands: a folder.
 * @throws {PropriaError} `SPACE_MISMATCH`, which names the first field that differs and both values.
 */
export function requireSameSpace(expected: Space, found: Space | undefined, { at }: { at: string }): void {
  const mend = "use the model that made them, or encode again with this one";
  if (!found) throw new PropriaError("SPACE_MISMATCH", "these vectors do not say which model made them", { at, mend });
  for (const field of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [want, have] = [shown(expected[field]), shown(found[field])];
    if (want !== have)
      throw new PropriaError(
        "SPACE_MISMATCH",
        `these are vectors of another space: ${field} is ${have}, expected ${want}`,
        {
          at,
          mend,
        },
      );
  }
}

const shown = (value: Json | undefined): string => (value === undefined ? "absent" : canonical(value));

/** JSON with sorted keys. */
function canonical(value: Json | Space): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each as Json)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value as Space).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
