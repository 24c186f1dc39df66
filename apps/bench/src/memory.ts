/** Memory of this process, in bytes, as Linux counts it. */
import { readFileSync } from "node:fs";

/** The most that it ever held, that of its threads too. */
export const peakBytes = (): number => statusBytes("VmHWM");

/** What it holds now. A process that runs with `--expose-gc` gives back first what nothing needs any more. */
export function heldBytes(): number {
  globalThis.gc?.();
  return statusBytes("VmRSS");
}

const statusBytes = (name: string): number =>
  1024 * Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))![1]);
