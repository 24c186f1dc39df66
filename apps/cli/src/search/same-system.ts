/** Whether two runs are of one system, as far as their tags tell. */
import { PropriaError } from "@propria/base";
import { readLines } from "@propria/collection";

const BY_VECTORS = /^propria-[0-9a-f]{8}$/; // as `runTag` writes it

/**
 * A run by vectors says their space in its tag; weights learnt on scores of another space say nothing about it. Any other tag is its writer's
 * to choose, so two of those may differ.
 *
 * @param files Runs to fuse.
 * @param learnFrom Of each a run of the same system, in their order.
 * @throws {PropriaError} `SPACE_MISMATCH`, naming both tags.
 */
export async function requireSameSystems(files: readonly string[], learnFrom: readonly string[]): Promise<void> {
  for (const [i, file] of files.entries()) {
    const [tag, other] = [await tagOf(file), await tagOf(learnFrom[i]!)];
    if (tag !== other && [tag, other].some((each) => BY_VECTORS.test(each)))
      throw new PropriaError("SPACE_MISMATCH", `is tagged ${other}, and ${file} ${tag}: vectors of another space`, {
        at: learnFrom[i]!,
        mend: "give runs by one model and one encoding, in the order of the systems; or --weights",
      });
  }
}

/** The last column of a run's first line. */
async function tagOf(run: string): Promise<string> {
  for await (const { lines } of readLines(run)) {
    const line = lines.find((each) => each.trim() !== "" && !each.trim().startsWith("#"));
    if (line !== undefined) return line.trim().split(/\s+/).at(-1)!;
  }
  return "";
}
