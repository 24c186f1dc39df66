import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../test/fixtures.ts";
import {
  type Inits,
  initialize,
  loadCheckpoint,
  type Model,
  maskedLanguageModelInits,
  namedConfig,
  poolerInits,
  rankingInits,
  readModelCard,
  saveModel,
  writeModelFiles,
} from "../index.ts";

const config = {
  ...namedConfig("tiny", { vocabSize: 30, maxPositions: 16 }),
  hiddenSize: 8,
  heads: 2,
  intermediateSize: 16,
};
const tokenizer = { save: (folder: string) => writeFile(join(folder, "vocab.txt"), "[PAD]\n") };

const model = (heads: Inits = {}): Model => ({
  config,
  parameters: initialize(config, heads, seeded(1)),
  tokenizer,
  provenance: { objective: "mlm", seed: 1 },
});

/** A disk of 64 kB until the test ends; nothing where this process may not mount one. */
function tinyDisk(): string | undefined {
  const folder = temporaryFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", [folder])); // before the folder goes: the last registered runs first
  return folder;
}

describe("saveModel", () => {
  it("writes a folder that loads as what was saved", async () => {
    const out = join(temporaryFolder(), "models", "a");
    const heads = { ...poolerInits(config), ...rankingInits(config) };
    const saved = model(heads);
    await saveModel(out, saved);
    const loaded = await loadCheckpoint(out, { heads: () => heads });
    expect(loaded).toMatchObject({ config, parameters: saved.parameters, fresh: [], dropped: [] });
    expect(await readModelCard(out)).toEqual({ provenance: { objective: "mlm", seed: 1 } });
    expect(readdirSync(out).sort()).toEqual(["config.json", "model.safetensors", "propria.json", "vocab.txt"]);
    expect(readdirSync(join(out, ".."))).toEqual(["a"]);
  });

  it.each([
    ["BertModel", {}],
    ["BertForMaskedLM", maskedLanguageModelInits(config)],
    ["BertForSequenceClassification", { ...poolerInits(config), ...rankingInits(config) }],
    ["BertForMaskedLM", { ...maskedLanguageModelInits(config), ...poolerInits(config), ...rankingInits(config) }],
  ])("names %s for what it holds", async (architecture, heads) => {
    const out = join(temporaryFolder(), "a");
    await saveModel(out, model(heads));
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8")).architectures).toEqual([architecture]);
  });

  it("refuses a folder that exists, even an empty one", async () => {
    const out = join(temporaryFolder(), "a");
    mkdirSync(out);
    await expect(saveModel(out, model())).rejects.toMatchObject({ code: "OUTPUT_EXISTS", at: out });
    expect(readdirSync(out)).toEqual([]);
  });

  it("leaves nothing behind when a part fails", async () => {
    const folder = temporaryFolder();
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const failing = { ...model(), tokenizer: { save: () => Promise.reject(full) } };
    await expect(saveModel(join(folder, "a"), failing)).rejects.toThrow("a: no space left on the disk (free some");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says so when the disk is full, and leaves nothing behind", async ({ skip }) => {
    const disk = tinyDisk();
    skip(!disk, "this process may not mount a tmpfs");
    const large = { ...config, vocabSize: 10_000 }; // 320 kB of word embeddings
    const parameters = initialize(large, {}, seeded(1));
    await expect(saveModel(join(disk!, "a"), { ...model(), config: large, parameters })).rejects.toMatchObject({
      code: "DISK",
      message: expect.stringContaining("no space left on the disk"),
    });
    expect(readdirSync(disk!)).toEqual([]);
  });

  it("goes over what a killed run left", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "a.tmp"));
    writeFileSync(join(folder, "a.tmp", "half"), "");
    await saveModel(join(folder, "a/"), model());
    expect(readdirSync(folder)).toEqual(["a"]);
    expect(readdirSync(join(folder, "a"))).not.toContain("half");
  });
});

describe("writeModelFiles", () => {
  it("writes into a folder that holds other things, once", async () => {
    const out = temporaryFolder();
    mkdirSync(join(out, "checkpoints"));
    await writeModelFiles(out, model());
    expect(readdirSync(out)).toContain("checkpoints");
    expect((await loadCheckpoint(out)).parameters).toEqual(model().parameters);
    await expect(writeModelFiles(out, model())).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });
});
