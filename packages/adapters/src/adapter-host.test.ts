import { seeded } from "@propria/base";
import { linear, openBackend } from "@propria/engine";
import { clsPooling, type HostParameters, initialize, initializeFrom } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { adapterHost, attach, type HostBatch, type HostedAdapter, type HostRow, namedAdapter } from "./index.ts";
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

/** The same text as `ask` takes it. */
const rowOf = (row: number): HostRow => {
  const inputIds = ids[row % ids.length]!.filter((id) => id > 0);
  return { inputIds, tokenTypeIds: inputIds.map((id) => id % 2) };
};

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

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
        expect(apart(own, alone[key]!.data), `${key} ${i}`).toBeLessThan(1e-5);
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

  it("computes texts that are asked for one by one in mixed batches, each as alone", async () => {
    const mixed = host();
    for (const [name, adapter] of Object.entries(adapters)) mixed.set(name, adapter);
    const names = ["first", "second", null, "aside", "first", "last", "second", "short"];
    const asked = await Promise.all(names.map((name, i) => mixed.ask(rowOf(i), name)));
    for (const [i, name] of names.entries()) {
      const alone = await mixed.ask(rowOf(i), name);
      expect(apart(asked[i]!.score!.data, alone.score!.data), `${i}`).toBeLessThan(1e-5);
      expect(asked[i]!.hidden!.shape).toEqual([16, 16]);
      const batch = await mixed.run(batchOf([i]), [name]);
      expect(apart(asked[i]!.score!.data, batch.score!.data), `${i}`).toBeLessThan(1e-5);
    }
    await mixed.release();
  }, 120_000);

  it("answers every text that is asked for during swaps, drops and the shutdown, with the adapter of the moment when it was asked for", async () => {
    const serving = host();
    serving.set("task", adapters.first!);
    const old = await serving.ask(rowOf(0), "task");
    serving.set("task", adapters.second!);
    const young = await serving.ask(rowOf(0), "task");
    expect(apart(old.score!.data, young.score!.data)).toBeGreaterThan(0.01);
    const asked: { expected: typeof old; answer: Promise<typeof old> }[] = [];
    for (let i = 0; i < 24; i++) {
      const [adapter, expected] = i % 2 === 0 ? [adapters.first!, old] : [adapters.second!, young];
      serving.set("task", adapter);
      asked.push({ expected, answer: serving.ask(rowOf(0), "task") });
      if (i % 3 === 0) await new Promise(setImmediate); // a batch begins
    }
    serving.drop("task");
    const released = serving.release();
    for (const { expected, answer } of asked)
      expect(apart((await answer).score!.data, expected.score!.data)).toBeLessThan(1e-5);
    await released;
    const refused = expect.objectContaining({ code: "HOST_RELEASED" });
    await expect(serving.ask(rowOf(0), null)).rejects.toThrow(refused);
    await expect(serving.run(batchOf([0]), [null])).rejects.toThrow(refused);
  }, 120_000);

  it("refuses a text that is too long, by itself or with its adapter, and answers those beside it", async () => {
    const strict = host();
    strict.set("long", adapters.long!);
    const text = (length: number) => ({ inputIds: Array<number>(length).fill(7) });
    const most = config.maxPositions;
    const tooLong = (message: string) => expect.objectContaining({ code: "TOO_LONG", message });
    await expect(strict.ask(text(most + 1), null)).rejects.toThrow(
      tooLong(`${most + 1} tokens, and the model has ${most} positions`),
    );
    const [fits, beside, shifted] = await Promise.allSettled([
      strict.ask(text(most - 3), "long"),
      strict.ask(text(most), null),
      strict.ask(text(most - 2), "long"),
    ]);
    expect([fits.status, beside.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(shifted).toMatchObject({ status: "rejected", reason: { code: "TOO_LONG" } });
    await strict.release();
  });

  it("refuses an adapter that there is not, and never takes the model in its place", async () => {
    const strict = host();
    strict.set("task", adapters.first!);
    await expect(strict.run(batchOf([0, 1]), ["task", "tasks"])).rejects.toThrow(
      expect.objectContaining({ code: "ADAPTER_UNKNOWN", message: 'no adapter is called "tasks" (there are task)' }),
    );
    strict.drop("task");
    await expect(strict.run(batchOf([0]), ["task"])).rejects.toThrow("there are none");
    await expect(strict.ask(rowOf(0), "task")).rejects.toThrow("there are none");
  });
});
