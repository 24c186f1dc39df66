import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { beforeEach, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../test/train-encoder.mjs", import.meta.url));
const STEPS = 60;
const CHECKPOINT_EVERY = 7;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trainer-killed-"));
  return () => rmSync(folder, { recursive: true });
});

/** Runs the program; `during` sees it after each of its steps, counted from 1. Gives its last line and how it ended. */
async function run(
  out: string,
  during: (count: number, child: ChildProcess) => void = () => undefined,
  { holdAfter, steps = STEPS, chunk }: { holdAfter?: number; steps?: number; chunk?: number | undefined } = {},
) {
  const options = { out, steps, checkpointEvery: CHECKPOINT_EVERY, backend: "onnx", threads: 2, holdAfter, chunk };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<{ status: number | null; signal: string | null }>((resolve) =>
    child.once("exit", (status, signal) => resolve({ status, signal })),
  );
  let last = "";
  let count = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    last = line;
    if (line.startsWith("step ")) during(++count, child);
  }
  return { last, ...(await ended) };
}

const eventsOf = (out: string) =>
  readFileSync(join(out, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as Record<string, unknown>), elapsed: undefined }));

describe("a training killed with SIGKILL", () => {
  it.each([
    ["whole batches", undefined, STEPS],
    ["batches in chunks", 3, 30],
  ])(
    "ends in the same weights, moments and events, bit for bit, as one never stopped, by %s",
    {
      timeout: 60_000,
    },
    async (_, chunk, steps) => {
      const seed = Number(process.env.PROPRIA_SEED ?? randomInt(2 ** 31));
      const random = seeded(seed, "kill");
      const kills = [1 + random.int(Math.floor((2 * steps) / 3)), 1 + random.int(Math.floor(steps / 4))]; // steps after the start, and after the first resume
      console.log(`kills after ${kills.join(" and ")} steps: PROPRIA_SEED=${seed}`);
      // Some milliseconds after the step, at any instant of the next ones; a machine too busy to kill in time finds the program waiting.
      const killAfter = (kill: number) => async (count: number, child: ChildProcess) => {
        if (count !== kill) return;
        await wait(random.int(30));
        child.kill("SIGKILL");
      };

      const unbroken = run(join(folder, "unbroken"), undefined, { steps, chunk });
      const out = join(folder, "killed");
      for (const kill of kills) {
        const { signal } = await run(out, killAfter(kill), { holdAfter: kill + 10, steps, chunk });
        expect(signal).toBe("SIGKILL");
      }
      const resumed = await run(out, undefined, { steps, chunk });
      const whole = await unbroken;
      expect(whole).toMatchObject({ status: 0, last: /"resumedFrom":0/ });
      expect(resumed.status).toBe(0);
      const result = JSON.parse(resumed.last) as { resumedFrom: number; hash: string };
      expect({ ...result, resumedFrom: 0 }).toEqual(JSON.parse(whole.last));
      expect(eventsOf(out)).toEqual(eventsOf(join(folder, "unbroken")));
    },
  );
});

describe("a training interrupted by SIGINT", () => {
  it("writes a checkpoint of the step it is at, says so, and goes on from there", { timeout: 60_000 }, async () => {
    const { last, status } = await run(folder, (step, child) => step === 10 && child.kill("SIGINT"));
    expect(status).toBe(130);
    const stopped = Number(/stopped after step (\d+) \(train with resume to go on\)$/.exec(last)![1]);
    expect(stopped).toBeGreaterThanOrEqual(10);
    const resumed = await run(folder);
    expect(JSON.parse(resumed.last)).toMatchObject({ resumedFrom: stopped });
  });
});
