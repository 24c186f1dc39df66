import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../test/contrast-memory.mjs", import.meta.url));
const GIGABYTE = 1e9;

/** One training step in a process of its own, so that its peak is the step's. */
function measure(distance: string, views: number) {
  const options = JSON.stringify({ distance, views, words: 30_522, width: 256 });
  return JSON.parse(execFileSync(process.execPath, [program, options], { encoding: "utf8" })) as {
    loss: number;
    gradientNorm: number;
    peakBytes: number;
    seconds: number;
  };
}

describe.each(["jensenShannon", "symmetricKullbackLeibler"])("the contrast over %s of 30,522 words", (distance) => {
  it("takes 64 views in less than 0.8 GB, of which one array of pairs times words alone would be half a gigabyte", () => {
    const { loss, gradientNorm, peakBytes, seconds } = measure(distance, 64);
    console.info(`${distance}: ${(peakBytes / GIGABYTE).toFixed(2)} GB at most, ${seconds.toFixed(2)} s a step`);
    expect(Math.abs(loss - Math.log(63))).toBeLessThan(0.1); // fresh: no two are siblings yet
    expect(gradientNorm).toBeGreaterThan(0);
    expect(peakBytes).toBeLessThan(0.8 * GIGABYTE); // measured: 0.38 by either
  });

  it("grows with the views, not with their pairs", () => {
    const [few, many] = [measure(distance, 64), measure(distance, 128)];
    expect(many.peakBytes - few.peakBytes).toBeLessThan(0.7 * GIGABYTE); // an array of 128 · 128 · 30,522 is 2 GB
  });
});
