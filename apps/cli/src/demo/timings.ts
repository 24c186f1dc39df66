/** What each part of a long job takes. */
export interface Timings {
  /** Runs a part and notes its time. */
  time<Result>(part: string, work: () => Promise<Result>): Promise<Result>;
  /** Parts and seconds, in order. */
  parts(): [string, number][];
}

/** @param clock Milliseconds from any origin. */
export function timings(clock: () => number): Timings {
  const parts: [string, number][] = [];
  return {
    async time(part, work) {
      const started = clock();
      const result = await work();
      parts.push([part, (clock() - started) / 1000]);
      return result;
    },
    parts: () => parts,
  };
}
