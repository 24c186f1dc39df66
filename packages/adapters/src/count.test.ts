import { namedConfig } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { builtInAdapters, countParameters, namedAdapter, thesisSettings } from "./index.ts";

const base = namedConfig("base", { vocabSize: 30522 });
const count = (name: string, given: Record<string, unknown> = {}, pooler = true) => {
  const { adapter, options } = namedAdapter(name);
  return countParameters(base, adapter, { options: { ...options, ...given }, pooler });
};

describe("countParameters", () => {
  it("counts BERT-base as the thesis does", () => {
    expect(count("lora").model).toBe(109_482_240);
  });

  // Settings, weights, weights and biases, per cent of BERT-base's without biases
  const rows: [name: string, weights: number, withBiases: number, percent: number][] = [
    ["bitfit@0.09%", 0, 102_912, 0.094],
    ["prefix@0.5%", 589_824, 589_824, 0.539],
    ["adapter@0.5%", 589_824, 608_640, 0.539],
    ["lora@0.5%", 589_824, 589_824, 0.539],
    ["mam@0.5%", 589_824, 599_232, 0.539],
    ["prefix@3.6%", 3_686_400, 3_686_400, 3.367],
    ["adapter@6.7%", 7_372_800, 7_396_032, 6.734],
    ["lora@6.7%", 7_372_800, 7_372_800, 6.734],
    ["mam@6.7%", 7_372_800, 7_384_416, 6.734],
    ["iaa-s@0.5%", 589_824, 627_072, 0.539],
    ["iaa-l@0.5%", 663_552, 691_632, 0.606],
    ["iaa-m@0.5%", 589_824, 609_408, 0.539],
    ["iaa-s@6.7%", 7_372_800, 7_414_464, 6.734],
    ["iaa-l@6.7%", 7_372_800, 7_405_248, 6.734],
    ["iaa-m@6.7%", 8_294_400, 8_319_000, 7.576],
  ];

  it.each(rows)("%s: %i weights, %i with biases", (name, weights, withBiases, percent) => {
    const counted = count(name);
    expect(counted.weights).toBe(weights);
    expect(counted.weights + counted.biases).toBe(withBiases);
    expect(counted.percent).toBeCloseTo(percent, 3);
  });

  it("has every setting of the thesis in that table", () => {
    expect(rows.map(([name]) => name).sort()).toEqual(thesisSettings.map(({ name }) => name).sort());
  });

  it("warns of the settings whose printed share is not the true one, and of no other", () => {
    for (const { name, warning } of thesisSettings) {
      const printed = name.split(/[@%]/)[1]!;
      const decimals = printed.split(".")[1]!.length;
      expect(warning !== undefined, name).toBe(count(name).percent.toFixed(decimals) !== printed);
    }
  });

  it("counts what was not run, and what would fit the misprinted budgets", () => {
    expect(count("prefix", { length: 400 }).weights).toBe(7_372_800);
    expect(count("iaa-m@6.7%", { asideRank: 360 }).weights).toBe(7_372_800);
    expect(count("iaa-l@0.5%", { asideRank: 8 }).weights).toBe(589_824);
    expect(count("iaa-l@0.5%", { rank: 10 }).weights).toBe(589_824);
  });

  it("counts BitFit of the layers alone, with the embeddings' LayerNorm, and with the pooler", () => {
    const biases = (norms: string[], pooler: boolean) => count("bitfit", { norms }, pooler).biases;
    expect(biases(["output.LayerNorm"], false)).toBe(101_376);
    expect(biases(["*"], false)).toBe(102_144);
    expect(biases(["*"], true)).toBe(102_912);
  });

  it("leaves out biases that are asked away, and a detour's parameters", () => {
    for (const name of ["adapter", "parallel", "mam"]) expect(count(name, { bias: false }).biases).toBe(0);
    expect(count("iaa-s", { bias: false, asideBias: false }).biases).toBe(0);
    expect(count("prefix", { middle: 4096 }).weights).toBe(count("prefix", { reparameterize: false }).weights);
  });

  it("says what each pattern found", () => {
    const { coverage } = count("lora");
    expect(coverage.map(({ kind, pattern, paths }) => [kind, pattern, paths.length])).toEqual([
      ["linear", "attention.self.query", 12],
      ["linear", "attention.self.value", 12],
    ]);
    expect(coverage[0]!.paths[11]).toBe("bert.encoder.layer.11.attention.self.query");
    const placed = count("lora", { targets: ["layer.*.output.dense", "layer.1.attention.output.dense"] }).coverage;
    expect(placed.map(({ paths }) => paths.length)).toEqual([12, 1]);
    expect(count("lora", { targets: ["*"] }).coverage[0]!.paths).toHaveLength(73);
    expect(count("adapter", { targets: ["output"] }).weights).toBe(294_912); // Pfeiffer's
  });
});

describe("namedAdapter", () => {
  it("knows the built-in ones, and IAA around any of them", () => {
    for (const name of builtInAdapters()) expect(namedAdapter(name).adapter.name).toBe(name);
    for (const outer of ["iaa-s", "iaa-l", "iaa-m"])
      for (const inner of ["lora", "mam", "bitfit", "prefix", "parallel"]) {
        expect(namedAdapter(`${outer}:${inner}`).adapter.name).toBe(`${outer}:${inner}`);
        expect(count(`${outer}:${inner}`).weights).toBeGreaterThan(count(inner).weights);
      }
  });

  it.each(["lorra", "iaa-l@5%", "lora:adapter", "iaa-x:lora", ""])("refuses %j", (name) => {
    expect(() => namedAdapter(name)).toThrow(
      expect.objectContaining({
        code: "ADAPTER_NAME",
        message: expect.stringContaining("one of adapter, aside, bitfit"),
      }),
    );
  });
});

describe("bad options", () => {
  const message = (name: string, options: Record<string, unknown>) => {
    try {
      count(name, options);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };

  it("are one line that says what there is", () => {
    expect(message("lora", { targets: ["atention.query"] })).toBe(
      'lora: no linear is called "atention.query" (there are bert.encoder.layer.*.attention.self.query, ' +
        "bert.encoder.layer.*.attention.self.key, bert.encoder.layer.*.attention.self.value, bert.encoder.layer.*.attention.output.dense, " +
        "bert.encoder.layer.*.intermediate.dense, bert.encoder.layer.*.output.dense, bert.pooler.dense; " +
        "the end of a name is enough, and * is any one part of it)",
    );
    expect(message("lora", { targets: ["layer.12.attention.self.query"] })).toContain("no linear is called");
    expect(message("lora", { targets: [] })).toBe("lora: attaches nowhere (name at least one site)");
    expect(message("adapter", { ranks: 8 })).toBe(
      'adapter has no option "ranks" (there are rank, activation, init, bias, targets)',
    );
    expect(message("iaa-l", { rank: 0 })).toBe(
      "iaa-l.rank: Too small: expected number to be >0 (r: units of the bottleneck)",
    );
    expect(message("iaa-l:prefix", { asideRank: 8, positions: "shifted" })).toBeUndefined();
  });
});
