/** PyTorch as a peer. How it is best set up differs by task and machine, so each case compares with the best of the settings. */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type CaseOptions, median } from "./bench-case.ts";
import { PeerProcess } from "./peer-process.ts";

/** How PyTorch is set up. */
export interface TorchSetting {
  peer: PeerProcess;
  attention: "sdpa" | "eager";
  label: string;
}

/** A program of `peer/` twice: with the allocator as it comes, and with one that keeps freed pages. */
export function openTorch(program: string, { python, threads }: CaseOptions): PeerProcess[] {
  const script = fileURLToPath(new URL(`../peer/${program}`, import.meta.url)); // from dist/
  const keepPages = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "4294967296" };
  return [{}, keepPages].map(
    (environment) => new PeerProcess(python, [script, String(threads)], { HF_HUB_OFFLINE: "1", ...environment }),
  );
}

/** Waits for both, and says what runs. Returns the peer's name and version. */
export async function greet(peers: PeerProcess[], { threads, report }: CaseOptions): Promise<string> {
  const [greeting] = await Promise.all(peers.map((each) => each.read<{ peer: string; threads: number }>()));
  report(`Node ${process.version}, onnxruntime, ${threads} threads; ${greeting!.peer}, ${greeting!.threads} threads`);
  return greeting!.peer;
}

/** Both of them with both kernels of attention. */
export const torchSettings = (peers: PeerProcess[]): TorchSetting[] =>
  peers.flatMap((peer, i) =>
    (["sdpa", "eager"] as const).map((attention) => ({
      ...{ peer, attention },
      label: `${attention}, ${i === 0 ? "default" : "page-keeping"} allocator`,
    })),
  );

/** The setting with the lowest median. */
export async function fastest<Setting extends TorchSetting>(
  settings: readonly Setting[],
  measure: (setting: Setting) => Promise<{ ms: number[] }>,
): Promise<Setting> {
  const times: number[] = [];
  for (const setting of settings) times.push(median((await settled(() => measure(setting))).ms));
  return settings[times.indexOf(Math.min(...times))]!;
}

const SETTLE_MS = 500; // PyTorch's threads spin for a while after their last work

/** A measurement once the other side is at rest. */
export async function settled<T>(measure: () => Promise<T>): Promise<T> {
  await wait(SETTLE_MS);
  return measure();
}

/** One measurement of each side, in an order that alternates with the round. */
export async function bothSides<T>(
  round: number,
  ours: () => Promise<T>,
  theirs: () => Promise<T>,
): Promise<[ours: T, theirs: T]> {
  if (round % 2 === 0) return [await settled(ours), await settled(theirs)];
  const [second, first] = [await settled(theirs), await settled(ours)];
  return [first, second];
}
