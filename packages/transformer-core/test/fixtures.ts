/** What the tests of this package share: temporary folders, and the fixtures of `oracle/make.py`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NdArray } from "@propria/engine";
import { onTestFinished } from "vitest";
import { type EncoderConfig, type Inits, maskedLanguageModelInits, poolerInits, rankingInits } from "../src/index.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "transformer-core-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a fixture. */
export const oracle = (name: string): string => fileURLToPath(new URL(`./oracle/${name}`, import.meta.url));

/** A fixture that is JSON. */
export const oracleJson = <T>(name: string): T => JSON.parse(readFileSync(oracle(name), "utf8")) as T;

/** Every head that `oracle/tiny-bert` holds. */
export const allHeads = (config: EncoderConfig): Inits => ({
  ...poolerInits(config),
  ...maskedLanguageModelInits(config),
  ...rankingInits(config),
});

/** The largest absolute difference; NaN when the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.NaN;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** A batch of `make.py`: tokens, and what is masked among them. */
export interface OracleBatch {
  inputIds: number[][];
  attentionMask: number[][];
  tokenTypeIds: number[][];
  maskedPositions: number[][];
  maskedLabels: number[][];
  maskedWeights: number[][];
}

/** An array `[rows, length]`. */
export type Matrix = NdArray<[number, number]>;

/** The same as arrays for the engine: float32 the weights, int32 the others. */
export const asArrays = (batch: OracleBatch): Record<keyof OracleBatch, Matrix> => ({
  inputIds: rows(Int32Array, batch.inputIds),
  attentionMask: rows(Int32Array, batch.attentionMask),
  tokenTypeIds: rows(Int32Array, batch.tokenTypeIds),
  maskedPositions: rows(Int32Array, batch.maskedPositions),
  maskedLabels: rows(Int32Array, batch.maskedLabels),
  maskedWeights: rows(Float32Array, batch.maskedWeights),
});

/** Rows of one length as an array `[rows, length]`. */
export const rows = <A extends Int32Array | Float32Array>(
  kind: { from(values: readonly number[]): A },
  values: readonly (readonly number[])[],
): Matrix => ({ data: kind.from(values.flat()), shape: [values.length, values[0]!.length] });
