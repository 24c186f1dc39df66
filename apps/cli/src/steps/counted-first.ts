import type { ProgressDisplay } from "../program/progress.ts";

/** How many items a stream has: what is quick to read is counted before it is worked on, so that the time left is known. */
export async function countedFirst(
  items: AsyncIterable<unknown>,
  progress: ProgressDisplay,
  unit: string,
): Promise<number> {
  const step = progress.start("counting", unit);
  let total = 0;
  for await (const _ of items) step.update(++total);
  step.end(`${total} ${unit}`);
  return total;
}
