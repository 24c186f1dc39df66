import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { rankingInits, readSafetensors } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { expectClose, expected, model, oracle, results, temporaryFolder } from "../test/fixtures.ts";
import { adapterHash, attach, loadAdapter, prefix, readAdapterFolder, saveAdapter } from "./index.ts";

const load = (folder: string, heads = {}) =>
  loadAdapter(folder, { config: model.config, base: model.parameters, heads });

describe("PEFT's files", () => {
  it.each(["lora", "prefix"])("of %s give PEFT's vectors", async (name) => {
    const loaded = await load(oracle(name));
    expect(loaded.baseKnown).toBe(false);
    expectClose(await results(loaded), expected[name]!);
  });

  it("of a LoRA with rank-stabilised scale and a classifier give PEFT's scores", async () => {
    const loaded = await load(oracle("lora-classifier"), rankingInits(model.config));
    expect(Object.keys(loaded.heads)).toEqual(["classifier.weight", "classifier.bias"]);
    expectClose(await results(loaded), expected["lora-classifier"]!);
  });

  it.each([
    ["lora", {}],
    ["prefix", {}],
    ["lora-classifier", { head: true }],
  ])(
    "of %s are written with PEFT's names and values, and its options",
    async (name, { head = false }: { head?: boolean }) => {
      const loaded = await load(oracle(name), head ? rankingInits(model.config) : {});
      const folder = temporaryFolder();
      const type = await saveAdapter(folder, { ...loaded, base: model.parameters });
      const config = (from: string) => JSON.parse(readFileSync(join(from, "adapter_config.json"), "utf8"));
      const [ours, theirs] = [config(folder), config(oracle(name))];
      expect(type).toBe(theirs.peft_type);
      const differing = Object.keys(ours).filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]));
      // The scale of a rank-stabilised LoRA is written as another alpha, a projection as what it gave, and the module to save is the one that there is.
      expect(differing).toEqual(
        { lora: [], prefix: ["prefix_projection"], "lora-classifier": ["modules_to_save", "lora_alpha"] }[name],
      );
      expect(Object.keys(ours).filter((key) => !(key in theirs))).toEqual([]);
      const tensors = async (from: string) => (await readSafetensors(join(from, "adapter_model.safetensors"))).tensors;
      const [written, read] = [await tensors(folder), await tensors(oracle(name))];
      expect(Object.keys(written).sort()).toEqual(Object.keys(read).sort());
      for (const [key, tensor] of Object.entries(read)) expect(written[key], key).toEqual(tensor);
      expectClose(await results(await load(folder, head ? rankingInits(model.config) : {})), expected[name]!);
    },
  );
});

describe("loadAdapter", () => {
  /** A copy of a fixture's folder, its configuration changed. */
  function edited(name: string, change: Record<string, unknown>): string {
    const folder = temporaryFolder();
    cpSync(oracle(name), folder, { recursive: true });
    const path = join(folder, "adapter_config.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change }));
    return folder;
  }
  const refusal = async (folder: string) =>
    load(folder).then(
      () => "loaded",
      (error: Error) => error.message.replaceAll(folder, "F"),
    );

  it.each([
    [
      "lora",
      { use_dora: true },
      "F: use_dora is true (only plain LoRA can be read; merge it into its model with PEFT)",
    ],
    [
      "lora",
      { rank_pattern: { query: 4 } },
      'F: rank_pattern is {"query":4} (only plain LoRA can be read; merge it into its model with PEFT)',
    ],
    ["lora", { r: "three" }, "F/adapter_config.json: r: Invalid input: expected number, received string"],
    ["lora", { peft_type: "IA3" }, "F: PEFT's IA3 cannot be read (there are LORA, PREFIX_TUNING, PROPRIA)"],
    [
      "lora",
      { peft_type: 7 },
      "F/adapter_config.json: is not an adapter's configuration: a JSON object with peft_type",
    ],
    [
      "prefix",
      { num_layers: 3 },
      "F: is a prefix for 3 layers of 16 in 2 heads, and the model has 2 layers of 16 in 2 heads",
    ],
    ["prefix", { num_virtual_tokens: 4 }, "F: holds no prompt_embeddings of [4,64]"],
  ])("refuses a %s with %j", async (name, change, message) => {
    expect(await refusal(edited(name, change))).toBe(message);
  });

  it("lists what is missing, unexpected and of another shape", async () => {
    const wider = await refusal(edited("lora", { target_modules: ["query", "key"], r: 4 }));
    expect(wider).toContain("4 missing: adapter.bert.encoder.layer.0.attention.self.key.lora_A.weight, ");
    expect(wider).toContain("4 unexpected: adapter.bert.encoder.layer.0.attention.self.value.lora_A.weight, ");
    expect(wider).toContain(
      "4 of another shape: adapter.bert.encoder.layer.0.attention.self.query.lora_A.weight [3,16] instead of [4,16]",
    );
    expect(await refusal(oracle("lora-classifier"))).toContain(
      "unexpected: adapter.classifier.bias, adapter.classifier.weight",
    );
  });

  it("refuses a folder that holds none", async () => {
    const folder = temporaryFolder();
    expect(await refusal(folder)).toBe("F/adapter_config.json: no such file or folder");
  });
});

describe("saveAdapter", () => {
  it("says where the model is, and what lies in the file besides", async () => {
    const loaded = await load(oracle("lora-classifier"), rankingInits(model.config));
    const folder = temporaryFolder();
    expect(await readAdapterFolder(folder)).toBeUndefined();
    await saveAdapter(folder, { ...loaded, base: model.parameters, baseFolder: "/models/tiny" });
    expect(await readAdapterFolder(folder)).toEqual({ base: "/models/tiny", modules: ["classifier"] });
    const again = await load(folder, rankingInits(model.config));
    expect(adapterHash(again)).toBe(adapterHash(loaded));
    const { data } = Object.values(again.parameters)[0]!;
    data[0]! += 1;
    expect(adapterHash(again)).not.toBe(adapterHash(loaded));
  });

  it("writes what PEFT would compute otherwise in a form of its own", async () => {
    const { config, parameters: base } = model;
    const attachment = attach(prefix, { config, options: { length: 2, middle: 8 } });
    const folder = temporaryFolder();
    const parameters = attachment.initialize(seeded(1));
    expect(await saveAdapter(folder, { attachment, parameters, base })).toBe("PROPRIA");
    const { tensors } = await readSafetensors(join(folder, "adapter_model.safetensors"));
    expect(Object.keys(tensors)).toHaveLength(4); // keys and values of two layers, and nothing of the detour
    const loaded = await load(folder);
    expect(loaded.attachment.options).toEqual(attachment.options);
    expectClose(await results(loaded), await results({ attachment, parameters, heads: {} }));
    await expect(saveAdapter(folder, { attachment, parameters, base })).rejects.toMatchObject({ code: "OUT_EXISTS" });
    expect(readdirSync(folder).sort()).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
  });
});
