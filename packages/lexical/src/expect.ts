import { PropriaError } from "@propria/base";

/** Refuses an option outside `[least, most]`. */
export function expectBetween(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  const mend = most === Number.MAX_VALUE ? `${least} or more` : `from ${least} to ${most}`;
  throw new PropriaError("SEARCH_OPTION", `${name} is ${value}`, { mend });
}

/** Refuses a depth that is no whole number of documents. */
export function expectDepth(depth: number): void {
  if (Number.isInteger(depth) && depth >= 1) return;
  throw new PropriaError("SEARCH_OPTION", `depth is ${depth}`, { mend: "a whole number of documents, 1 or more" });
}
