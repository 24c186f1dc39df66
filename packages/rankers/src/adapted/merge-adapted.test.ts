import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { attach, namedAdapter, saveAdapter } from "@propria/adapters";
import { seeded } from "@propria/base";
import { loadCheckpoint } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crossEncoderInits } from "../cross-encoder.ts";
import { describeAdapted, mergeAdapted, openCrossEncoder } from "../index.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "merge-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** An adapter of random values, and a classifier that is not the model's. */
async function adapted(name: string, options: Record<string, unknown> = {}): Promise<string> {
  const folder = join(scratch, name);
  const { config, parameters } = await loadCheckpoint(tiny, { heads: crossEncoderInits });
  const attachment = attach(namedAdapter(name).adapter, { config, options });
  const moved = Object.entries(attachment.initialize(seeded(1))).map(([each, { shape, data }]) => {
    const random = seeded(2, each);
    return [each, { shape, data: data.map((value) => value + 0.4 * (random() - 0.5)) }] as const;
  });
  const head = ["classifier.weight", "classifier.bias"].map((each) => {
    const { shape, data } = parameters[each]!;
    return [each, { shape, data: data.map((value) => value + 0.5) }] as const;
  });
  const values = { parameters: Object.fromEntries(moved), heads: Object.fromEntries(head) };
  await saveAdapter(folder, { attachment, ...values, base: parameters, baseFolder: tiny });
  return folder;
}

async function scores(folder: string): Promise<number[]> {
  const model = await openCrossEncoder(folder, { threads: 1 });
  const found = await model.score([{ query: "what is oil?", document: "cold oil water wind" }]);
  await model.release();
  return found;
}

describe("mergeAdapted", () => {
  it("leaves a model that scores as model and adapter did, with the adapter's head", async () => {
    const folder = await adapted("lora", { rank: 2, targets: ["*"] });
    const out = join(scratch, "merged");
    await mergeAdapted(folder, out);
    const [before] = await scores(folder);
    const [after] = await scores(out);
    expect(after).toBeCloseTo(before!, 4);
    expect(Math.abs(after! - (await scores(tiny))[0]!)).toBeGreaterThan(1e-2);
    await expect(mergeAdapted(folder, out)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });

  it("refuses what is no change of weights, and a folder of no adapter", async () => {
    const out = join(scratch, "none");
    await expect(mergeAdapted(await adapted("iaa-l", { rank: 2 }), out)).rejects.toThrow(
      "iaa-l: adapter cannot be merged: it is no change of the model's weights (load it beside the model)",
    );
    await expect(mergeAdapted(tiny, out)).rejects.toThrow(`${tiny}: holds no adapter`);
  });
});

describe("describeAdapted", () => {
  it("says what the folder holds", async () => {
    const folder = await adapted("bitfit");
    const { config } = await loadCheckpoint(tiny, { drop: ["classifier", "bert.pooler"] });
    const { bytes, base, coverage, ...said } = await describeAdapted(folder);
    expect(said).toMatchObject({
      adapter: "bitfit",
      options: { linears: ["*"], norms: ["*"] },
      mergeable: true,
      weights: 0,
    });
    expect(said.heads).toEqual(["classifier.weight", "classifier.bias"]);
    expect(base).toEqual({ folder: tiny, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), stated: true });
    expect(coverage.map(({ kind, paths }) => [kind, paths.length])).toEqual([
      ["linear", 6 * config.layers],
      ["norm", 1 + 2 * config.layers],
    ]);
    expect(bytes).toBeGreaterThan(4 * said.biases);
  });
});
