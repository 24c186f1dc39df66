import { setTimeout as wait } from "node:timers/promises";

const LONGEST_WAIT_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += LOOK_EVERY_MS) {
    if (isSo()) return;
    await wait(LOOK_EVERY_MS);
  }
  throw new Error(`${what}: not so after ${LONGEST_WAIT_MS} ms`);
}
