import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { holdingFolder } from "./work-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("holdingFolder", () => {
  it("refuses a second run for as long as the first one goes on", async () => {
    await holdingFolder(folder, async () => {
      await expect(holdingFolder(folder, async () => 2)).rejects.toThrow(
        new RegExp(`process ${process.pid} runs an experiment here \\(wait for it, or name another work folder\\)`),
      );
    });
    expect(await holdingFolder(folder, async () => 3)).toBe(3);
  });

  it("takes over what a killed process left", async () => {
    writeFileSync(join(folder, "running.pid"), String(2 ** 30)); // beyond the highest process number
    expect(await holdingFolder(folder, async () => 4)).toBe(4);
    expect(existsSync(join(folder, "running.pid"))).toBe(false);
  });
});
