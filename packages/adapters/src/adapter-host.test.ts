import { seeded } from "@propria/base";
import { linear, openBackend } from "@propria/engine";
import { clsPooling, type HostParameters, initialize, initializeFrom } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { adapterHost, attach, type HostBatch, type HostedAdapter, namedAdapter } from "./index.ts";
import { tinyConfig as config } from "./testing.ts";

const head = { "score.weight": { shape: [2, 16], std: 0.3 }, "score.bias": { shape: [2], std: 0.3 } };
const base = { ...initialize(config, {}, seeded(1)), ...initializeFrom(head, seeded(2)) };
const backend = await openBackend("onnx", { threads: 1 });

const host = () =>
  adapterHost({
    ...{ backend, config, base },
    results: (root, hidden) => ({ hidden, score: linear(root.at("score"), clsPooling(hidden)) }),
  });

/** An adapter of random values, by its seed. */
function hosted(name: string, options: Record<string, unknown>, seed: number, heads = false): HostedAdapter {
  const attachment = attach(namedAdapter(name).adapter, { config, options });
  const parameters = Object.fromEntries(
    Object.entries(initializeFrom(attachment.kept, seeded(seed))).map(([each, { shape, data }]) => {
      const random = seeded(seed, each);
      return [each, { shape, data: data.map((value) => value + 0.4 * (random() - 0.5)) }];
    }),
  ) as HostParameters;
  return { attachment, parameters, ...(heads && { heads: initializeFrom(head, seeded(seed)) }) };
}

const adapters: Record<string, HostedAdapter> = {
  first: hosted("lora", { rank: 2 }, 11),
  second: hosted("lora", { rank: 2 }, 12, true),
  long: hosted("prefix", { length: 3, positions: "shifted" }, 13),
  short: hosted("prefix", { length: 1 }, 14),
  aside: hosted("iaa-s", { rank: 2, asideRank: 2 }, 15, true),
  last: hosted("iaa-m:bitfit", { asideRank: 2 }, 16),
};

const ids = [
  [4, 5, 6, 7, 8],
  [9, 10, 11, 0, 0],
  [12, 13, 14, 15, 0],
];
const batchOf = (rows: readonly number[]): HostBatch => {
  const all = rows.flatMap((row) => ids[row % ids.length]!);
  const shape: [number, number] = [rows.length, 5];
  return {
    inputIds: { data: Int32Array.from(all), shape },
    attentionMask: { data: Int32Array.from(all, (id) => Math.min(id, 1)), shape },
    tokenTypeIds: { data: Int32Array.from(all, (id) => id % 2), shape },
  };
};

describe("adapterHost", () => {
  it("encodes a batch whose rows belong to different adapters as each alone would be, with its own head", async () => {
    const mixed = host();
    for (const [name, adapter] of Object.entries(adapters)) mixed.set(name, adapter);
    const rows = ["first", null, "long", "second", "first", "aside", "short", "last", "first"];
    const together = await mixed.run(batchOf([...rows.keys()]), rows);
    expect(together.hidden!.shape).toEqual([9, 5, 16]);
    for (const [i, name] of rows.entries()) {
      const alone = await mixed.run(batchOf([i]), [name]);
      for (const key of ["hidden", "score"]) {
        const width = alone[key]!.data.length;
        const own = together[key]!.data.subarray(i * width, (i + 1) * width);
        expect(
          Math.max(...Array.from(own, (value, j) => Math.abs(value - alone[key]!.data[j]!))),
          `${key} ${i}`,
        ).toBeLessThan(1e-5);
      }
    }
    const scores = [...together.score!.data].map((value) => value.toFixed(3));
    expect(new Set(scores).size).toBeGreaterThan(12); // of 18: none is another's
    await mixed.release();
  }, 120_000);

  it("takes another adapter in a name's place, and drops one, while requests run", async () => {
    const changing = host();
    const batch = batchOf([0, 1]);
    changing.set("task", adapters.first!);
    const before = await changing.run(batch, ["task", null]);
    const running = changing.run(batch, ["task", null]);
    changing.set("task", adapters.second!);
    const swapped = changing.run(batch, ["task", null]);
    changing.drop("task");
    expect(changing.names).toEqual([]);
    expect(await running).toEqual(before);
    expect((await swapped).hidden!.data).not.toEqual(before.hidden!.data);
    await changing.release();
  });

  it("refuses an adapter that there is not, and never takes the model in its place", async () => {
    const strict = host();
    strict.set("task", adapters.first!);
    await expect(strict.run(batchOf([0, 1]), ["task", "tasks"])).rejects.toThrow(
      expect.objectContaining({ code: "ADAPTER_UNKNOWN", message: 'no adapter is called "tasks" (there are task)' }),
    );
    strict.drop("task");
    await expect(strict.run(batchOf([0]), ["task"])).rejects.toThrow("there are none");
  });
});
