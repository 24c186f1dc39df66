import { type EncoderConfig, encoderInits, type Inits, poolerInits } from "@propria/transformer-core";
import { attach } from "./attach.ts";
import type { Coverage } from "./coverage.ts";
import type { Adapter } from "./define-adapter.ts";

/** How much an adapter trains and its file holds, by shapes alone. */
export interface ParameterCount {
  /** Without biases: what the thesis counts. */
  weights: number;
  /** Those whose names end in `bias`. */
  biases: number;
  /** Of the model, with its pooler and without heads. */
  model: number;
  /** `weights` in per cent of the model's; for a method of biases alone, theirs. */
  percent: number;
  /** Weights and biases, in per cent of the model's. */
  percentWithBiases: number;
  coverage: readonly Coverage[];
}

/** How to count. */
export interface CountOptions {
  options?: Readonly<Record<string, unknown>>;
  /** Whether the adapter may attach to the pooler, as in the thesis' BitFit. Default true; the model's own count has it always. */
  pooler?: boolean;
}

/**
 * The size of an adapter on an encoder's shape. What training goes through and the file does not hold is not counted.
 *
 * @throws {PropriaError} `ADAPTER_OPTION`, `ADAPTER_SITE` as `attach`.
 */
export function countParameters(
  config: EncoderConfig,
  adapter: Adapter,
  { options = {}, pooler = true }: CountOptions = {},
): ParameterCount {
  const { kept, coverage } = attach(adapter, { config, options, pooler });
  const names = Object.keys(kept);
  const weights = sizeOf(
    kept,
    names.filter((name) => !isBias(name)),
  );
  const biases = sizeOf(kept, names.filter(isBias));
  const all = { ...encoderInits(config), ...poolerInits(config) };
  const model = sizeOf(all, Object.keys(all));
  const percent = (count: number) => (100 * count) / model;
  return {
    ...{ weights, biases, model, coverage },
    percent: percent(weights || biases),
    percentWithBiases: percent(weights + biases),
  };
}

const isBias = (name: string): boolean => name.endsWith("bias");

const sizeOf = (inits: Inits, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + inits[name]!.shape.reduce((size, axis) => size * axis, 1), 0);
