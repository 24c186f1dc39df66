/** What the tests of an adapter's files share: the fixtures of `oracle/make.py`, and what comes out with an adapter of its model. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Batch, forwardPass, frozenWeights, type NdArray, openBackend, scope } from "@propria/engine";
import { clsPooling, encode, loadCheckpoint, pooler, poolerInits, rankingHead } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { expect, onTestFinished } from "vitest";
import type { LoadedAdapter } from "../src/index.ts";

/** The path of a fixture. */
export const oracle = (name: string): string => fileURLToPath(new URL(`./oracle/${name}`, import.meta.url));

/** What PEFT computes, by the fixture's name. */
export const expected = JSON.parse(readFileSync(oracle("expected.json"), "utf8")) as { inputIds: number[][] } & Record<
  string,
  number[]
>;

const backend = await openBackend("onnx", { threads: 1 });

/** The model of all fixtures. */
export const model = await loadCheckpoint(oracle("tiny-bert"), { heads: poolerInits });

interface Tokens extends Batch {
  inputIds: NdArray<[number, number]>;
  attentionMask: NdArray<[number, number]>;
}

/** What comes out with the adapter: hidden states, or scores where it has a classifier. */
export async function results({
  attachment,
  parameters,
  heads,
}: Pick<LoadedAdapter, "attachment" | "parameters" | "heads">): Promise<Float32Array> {
  const ids = expected.inputIds.flat();
  const array = (data: number[]): NdArray<[number, number]> => ({ data: Int32Array.from(data), shape: [2, 5] });
  const { config } = model;
  const { y } = await forwardPass<Tokens>({
    backend,
    store: frozenWeights({ ...model.parameters, ...parameters, ...heads }),
    run(all, batch): Record<string, Tensor> {
      const root = scope(all, "", { sites: attachment.sites(all) });
      const hidden = encode(root.at("bert"), batch, config);
      return {
        y: all["classifier.weight"] ? rankingHead(root, pooler(root.at("bert"), clsPooling(hidden)), config) : hidden,
      };
    },
  }).run({ inputIds: array(ids), attentionMask: array(ids.map((id) => Math.min(id, 1))) });
  return y!.data as Float32Array;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "adapters-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const TOLERANCE = 1e-4; // PEFT computes in float32 too, in another order

/** Numbers as PEFT's. */
export function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  expect(ours.length).toBe(theirs.length);
  expect(Math.max(...Array.from(ours, (value, i) => Math.abs(value - theirs[i]!)))).toBeLessThan(TOLERANCE);
}
