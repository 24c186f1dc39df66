import { statSync } from "node:fs";
import { PropriaError } from "@propria/base";

/**
 * What `--negatives`, or a flag like it, says: one of the words, or a file. That it is there is seen before the corpus is read.
 *
 * @throws {PropriaError} `NOT_FOUND`, with the words that may have been meant.
 */
export function negativesOf<const Word extends string>(
  value: string,
  words: readonly Word[],
  flag = "--negatives",
): Word | { file: string } {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  mustBeFile(flag, value, `${words.join(", ")}, or a file that is there`);
  return { file: value };
}

/** @throws {PropriaError} `NOT_FOUND` */
export function mustBeFile(flag: string, path: string, mend: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new PropriaError("NOT_FOUND", `there is no file ${path}`, { at: flag, mend });
}
