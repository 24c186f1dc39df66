import { PropriaError } from "@propria/base";
import { kebab } from "./flag.ts";

/**
 * Refuses flags that belong to another way of doing what a command does.
 *
 * @param values Those of the flags that are none of the chosen way's; undefined or false where not given.
 * @param chosen What was chosen, for the reader: `--bm25`.
 * @throws {PropriaError} `FLAG_CONFLICT` naming the first that is given.
 */
export function refuseForeign(values: Readonly<Record<string, unknown>>, chosen: string): void {
  const foreign = Object.entries(values).find(([, value]) => value !== undefined && value !== false);
  if (foreign === undefined) return;
  throw new PropriaError("FLAG_CONFLICT", `is no parameter of ${chosen}`, { at: `--${kebab(foreign[0])}` });
}
