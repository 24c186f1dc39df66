import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kitchen, pretraining, spawned, start, temporaryFolder } from "./program.ts";
import { until } from "./wait.ts";

describe("Ctrl-C in a training", () => {
  const cwd = temporaryFolder();
  const steps = ["--steps", "400", "--checkpoint-every", "1000"];

  it("leaves a checkpoint and status 130, and the same command finishes to the same weights", async () => {
    expect(spawned(cwd, "vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab").status).toBe(0);
    const { child, ended } = start(cwd, ...pretraining("stopped", ...steps));
    await until(() => stepsIn(join(cwd, "stopped/events.jsonl")) >= 5, "5 steps");
    child.kill("SIGINT");
    const { status, stderr } = await ended;
    expect(stderr).toMatch(/^interrupted: writing a checkpoint/m);
    expect(stderr).toMatch(/^propria: stopped: stopped after step \d+$/m);
    expect(status).toBe(130);
    expect(readdirSync(join(cwd, "stopped/checkpoints"))).toHaveLength(1);

    expect(spawned(cwd, ...pretraining("stopped", ...steps)).stdout).toMatch(/^stopped: 400 steps/);
    expect(spawned(cwd, ...pretraining("unbroken", ...steps)).status).toBe(0);
    const weights = (name: string) => readFileSync(join(cwd, name, "model.safetensors"));
    expect(weights("stopped").equals(weights("unbroken"))).toBe(true);
  });
});

/** Steps in the log of a training. */
const stepsIn = (file: string): number => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0);
