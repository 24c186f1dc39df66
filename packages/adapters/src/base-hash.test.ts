import { seeded } from "@propria/base";
import { initialize, poolerInits, rankingInits } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { baseHash, baseHashes, ENCODER, isBase } from "./base-hash.ts";
import { tinyConfig as config } from "./testing.ts";

const model = initialize(config, { ...poolerInits(config), ...rankingInits(config) }, seeded(1));
const changed = (name: string) => ({
  ...model,
  [name]: { ...model[name]!, data: model[name]!.data.map((x) => x + 1) },
});
const only = (test: RegExp, all = model) => Object.fromEntries(Object.entries(all).filter(([name]) => test.test(name)));
const heads = only(/^classifier\./);
const metadata = baseHashes(model, heads);
const POOLER = "bert.pooler.dense.bias";

describe("what an adapter stands on", () => {
  it("is the encoder, and the heads that training computed with and its file does not hold", () => {
    expect(Object.keys(metadata)).toEqual(["propria.base", "propria.base.pooler"]);
    const is = (base: typeof model) => isBase(metadata, base, { pooler: false });
    expect(is(model)).toBe(true);
    expect(is(changed("classifier.bias"))).toBe(true);
    expect(is(changed(POOLER))).toBe(false);
    expect(is(only(/^bert\.e/))).toBe(true); // opened without its pooler
    for (const part of ["embeddings.LayerNorm.bias", "encoder.layer.1.output.dense.weight"])
      expect(is(changed(`bert.${part}`)), part).toBe(false);
    expect(isBase({}, model, { pooler: false })).toBeUndefined();
  });

  it("is one hash in files that are older than those of heads: of the pooler too where the adapter attaches there", () => {
    const older = { "propria.base": baseHash(model, [...ENCODER, "pooler"]) };
    expect(isBase(older, model, { pooler: true })).toBe(true);
    expect(isBase(older, changed(POOLER), { pooler: true })).toBe(false);
    expect(isBase({ "propria.base": baseHash(model) }, changed(POOLER), { pooler: false })).toBe(true);
  });
});
