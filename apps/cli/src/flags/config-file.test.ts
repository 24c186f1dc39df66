import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfigFile } from "./config-file.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "all.yaml");
const read = (yaml: string, name: string, flags: string[]) => {
  writeFileSync(path, yaml);
  const names = [
    ["index", "search", "finetune"],
    ["bi-encoder", "cross-encoder"],
  ] as const;
  const sections = name.split(" ").map((word, i) => ({ name: word, all: names[i]! }));
  return readConfigFile(path, { command: name, flags, sections });
};

describe("readConfigFile", () => {
  it("lets a command's section win over the top, and leaves those of the others alone", async () => {
    const yaml = "seed: 1\ndepth: 5\nsearch: { depth: 9 }\nfinetune: { seed: 3 }";
    expect(await read(yaml, "search", ["seed", "depth"])).toEqual({ seed: 1, depth: 9 });
  });

  it("has a section in the group's section for each command of a group", async () => {
    const yaml =
      "seed: 1\nfinetune:\n  batch: 4\n  seed: 2\n  bi-encoder: { seed: 3 }\n  cross-encoder: { seed: 4, head: fresh }";
    const flags = ["seed", "batch"];
    expect(await read(yaml, "finetune bi-encoder", flags)).toEqual({ seed: 3, batch: 4 });
    await expect(read(yaml, "finetune cross-encoder", flags)).rejects.toThrow(
      'all.yaml: finetune: cross-encoder: finetune cross-encoder has no flag "head"',
    );
  });

  it("tells a flag from the section of a command of the same name", async () => {
    expect(await read("index: folder", "search", ["index", "depth"])).toEqual({ index: "folder" });
    expect(await read("index: { type: hnsw }\nsearch: { index: folder }", "search", ["index"])).toEqual({
      index: "folder",
    });
  });
});
