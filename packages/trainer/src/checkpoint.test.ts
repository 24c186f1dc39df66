import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParameterStore } from "@propria/engine";
import { beforeEach, describe, expect, it } from "vitest";
import { bagStore } from "../test/bag-model.ts";
import { firstCursor } from "./batch-plan.ts";
import { loadCheckpoint, newestCheckpoint, sweep, type TrainingState, writeCheckpoint } from "./checkpoint.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trainer-checkpoint-"));
  return () => rmSync(folder, { recursive: true });
});

const state = (step: number): TrainingState => ({
  ...{ step, cursor: { ...firstCursor(3), waiting: [[0, 2, 1]] } },
  ...{ eventsBytes: 17, elapsedSeconds: 1.5, tokens: 99, recentLosses: [0.5, 0.25] },
});

describe("checkpoint", () => {
  it("gives weights, moments and state back", async () => {
    const store = bagStore();
    for (const [i, array] of Object.values(store.optimizerState()).entries()) array.fill(i + 0.1);
    await writeCheckpoint(folder, store, state(7));
    const { checkpoint } = newestCheckpoint(folder);
    expect(checkpoint?.state).toEqual(state(7));

    const other = bagStore();
    for (const name of other.names) other.weights(name).fill(0);
    loadCheckpoint(checkpoint!, other);
    expect(other.snapshot()).toEqual(store.snapshot());
    expect(other.optimizerState()).toEqual(store.optimizerState());
  });

  it("holds what is trained, and nothing of what is frozen", async () => {
    const names = bagStore().names;
    const store = ParameterStore.create(bagStore().snapshot(), { trainable: (name) => name === names[0] });
    await writeCheckpoint(folder, store, state(7));
    const file = readFileSync(join(folder, "step-00000007/weights.safetensors"));
    const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE())).toString()) as object;
    expect(Object.keys(header)).toEqual([names[0]]);
    store.weights(names[0]!).fill(0);
    loadCheckpoint(newestCheckpoint(folder).checkpoint!, store);
    expect(store.snapshot()).toEqual(bagStore().snapshot());
  });

  it("writes weights as safetensors: header length, header, numbers", async () => {
    const store = bagStore();
    await writeCheckpoint(folder, store, state(7));
    const file = readFileSync(join(folder, "step-00000007/weights.safetensors"));
    const end = 8 + Number(file.readBigUInt64LE());
    const header = JSON.parse(file.subarray(8, end).toString()) as Record<string, { data_offsets: [number, number] }>;
    expect(header["bag.classifier.bias"]).toEqual({ dtype: "F32", shape: [1], data_offsets: [1632, 1636] });
    expect(file.readFloatLE(end)).toBe(store.weights("bag.embeddings.weight")[0]);
    expect(file.length).toBe(end + 1636);
  });

  it("keeps the last two", async () => {
    for (const step of [5, 10, 15]) await writeCheckpoint(folder, bagStore(), state(step));
    expect(readdirSync(folder).sort()).toEqual(["step-00000010", "step-00000015"]);
  });

  it.each<[string, (place: string) => void]>([
    ["a file cut short", (place) => truncateSync(join(place, "moments.safetensors"), 100)],
    ["a file grown", (place) => appendFileSync(join(place, "weights.safetensors"), "x")],
    ["a flipped byte", (place) => flipByte(join(place, "weights.safetensors"))],
    ["a missing file", (place) => rmSync(join(place, "weights.safetensors"))],
    ["a missing manifest", (place) => rmSync(join(place, "state.json"))],
    ["a manifest cut short", (place) => truncateSync(join(place, "state.json"), 20)],
    ["a manifest of something else", (place) => writeFileSync(join(place, "state.json"), '{"format":1}')],
  ])("is recognised as torn by %s, and the one before is used", async (_, tear) => {
    for (const step of [5, 10]) await writeCheckpoint(folder, bagStore(), state(step));
    const newest = join(folder, "step-00000010");
    tear(newest);
    const { checkpoint, torn } = newestCheckpoint(folder);
    expect(checkpoint?.state.step).toBe(5);
    expect(torn).toEqual([newest]);
  });

  it("leaves nothing behind of what a killed process was writing or removing", async () => {
    for (const step of [5, 10]) await writeCheckpoint(folder, bagStore(), state(step));
    cpSync(join(folder, "step-00000010"), join(folder, "step-00000015.tmp"), { recursive: true });
    expect(newestCheckpoint(folder).checkpoint?.state.step).toBe(10);
    sweep(folder, [join(folder, "step-00000010")]);
    expect(readdirSync(folder)).toEqual(["step-00000005"]);
  });

  it("is absent from a folder that is empty or missing", () => {
    mkdirSync(join(folder, "empty"));
    for (const name of ["empty", "missing"])
      expect(newestCheckpoint(join(folder, name))).toEqual({ checkpoint: undefined, torn: [] });
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(path, bytes);
}
