import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PropriaError } from "@propria/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withoutLeftovers } from "./leftovers.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "propria-leftovers-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...paths: string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
};

/** A command that writes some files below the folder and then fails. */
async function failing(out: string, training: boolean, paths: string[], code = "EMPTY"): Promise<string[]> {
  const failed = withoutLeftovers(join(folder, out), training, async () => {
    write(...paths);
    throw new PropriaError(code, "no");
  });
  await expect(failed).rejects.toMatchObject({ code });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath.slice(folder.length + 1), entry.name))
    .sort();
}

describe("withoutLeftovers", () => {
  it("takes away what a failed training made, and the folders on the way to it", async () => {
    expect(
      await failing("a/b/model", true, ["a/b/model/data/documents/store.json", "a/b/model/training.json"]),
    ).toEqual([]);
    expect(existsSync(join(folder, "a"))).toBe(false);
  });

  it("keeps an empty folder that was there, and whatever a folder held", async () => {
    mkdirSync(join(folder, "model"));
    expect(await failing("model", true, ["model/data/x"])).toEqual([]);
    expect(existsSync(join(folder, "model"))).toBe(true);
    write("model/notes.txt");
    expect(await failing("model", true, ["model/data/x"])).toEqual(["model/data/x", "model/notes.txt"]);
  });

  it("keeps a training that can go on, or is finished", async () => {
    const files = ["model/checkpoints/step-1/weights", "model/data/x", "model/training.json"];
    expect(await failing("model", true, files)).toEqual(files);
    expect(await failing("other", true, ["other/propria.json"])).toContain("other/propria.json");
  });

  it("keeps the finished stages and takes away the one that failed", async () => {
    const kept = ["stages/a.json", "stages/a/propria.json", "stages/b-negatives.jsonl.gz", "stages/b.json"];
    expect(await failing("stages", true, [...kept, "stages/b/data/x"])).toEqual(kept);
    expect(await failing("others", true, ["others/a.json", "others/a/data/x"])).toEqual(kept);
  });

  it("keeps what an interrupted training prepared, but no empty folders", async () => {
    expect(await failing("model", true, ["model/data/x"], "INTERRUPTED")).toEqual(["model/data/x"]);
    const hollow = withoutLeftovers(join(folder, "new"), true, async () => {
      mkdirSync(join(folder, "new/data"), { recursive: true });
      throw new PropriaError("INTERRUPTED", "stopped");
    });
    await expect(hollow).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(existsSync(join(folder, "new"))).toBe(false);
  });

  it("takes away only empty folders of a command that trains nothing", async () => {
    expect(await failing("a/b.run", false, ["a/b.run"])).toEqual(["a/b.run"]);
    const empty = withoutLeftovers(join(folder, "c/d.run"), false, async () => {
      mkdirSync(join(folder, "c"));
      throw new Error("no");
    });
    await expect(empty).rejects.toThrow("no");
    expect(existsSync(join(folder, "c"))).toBe(false);
  });
});
