/** Down to a few units, through a nonlinearity, and up again: what adapters of all kinds are made of. `N` rows, `H` hidden, `R` the rank. */
import { affine, gelu, type Scope } from "@propria/engine";
import type { EncoderConfig, Init, Inits } from "@propria/transformer-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** What may be tuned of a bottleneck. */
export interface Bottleneck {
  rank: number;
  activation: "gelu" | "relu";
  init: (typeof INITS)[number];
  bias: boolean;
}

/** `near-identity`: adapter-bert's. `bert`: that of unify-parameter-efficient-tuning's adapters. `zero-up`: LoRA's, exactly the identity at the start. */
const INITS = ["near-identity", "bert", "zero-up"] as const;
const NEAR_IDENTITY_DEVIATION = 1e-3; // adapter-bert's code; the paper, §3, has 1e-2

/** The option `rank`, a whole number from 1. @param rank The default. */
export const rankOption = (rank: number) =>
  z.number().int().positive().default(rank).describe("r: units of the bottleneck");
/** The option `activation`. @param activation The default; of the thesis' aside modules nobody knows which. */
export const activationOption = (activation: Bottleneck["activation"]) =>
  z.enum(["gelu", "relu"]).default(activation).describe("the nonlinearity in the bottleneck");
/** The option `init`. @param init The default: with `zero-up` nothing changes before the first step. */
export const initOption = (init: Bottleneck["init"]) =>
  z
    .enum(INITS)
    .default(init)
    .describe("how the maps start: both tiny (near-identity), both as BERT's (bert), or up at 0 (zero-up)");
/** The option `bias`, by default true. */
export const biasOption = () =>
  z.boolean().default(true).describe("whether the two maps have biases; the thesis counts none");

/** The parameters of a bottleneck called `name`. */
export function bottleneckInits(
  name: string,
  { rank, init, bias }: Bottleneck,
  { hiddenSize, initializerRange }: EncoderConfig,
): Inits {
  const weight = (shape: readonly [out: number, width: number], up: boolean): Init => {
    switch (init) {
      case "near-identity":
        return { shape, std: NEAR_IDENTITY_DEVIATION };
      case "bert":
        return { shape, std: initializerRange };
      case "zero-up":
        return up ? { shape, std: 0 } : { shape, std: 0, bound: kaimingBound(shape[1]) };
    }
  };
  return {
    [`${name}.down.weight`]: weight([rank, hiddenSize], false),
    ...(bias && { [`${name}.down.bias`]: { shape: [rank], std: 0 } }),
    [`${name}.up.weight`]: weight([hiddenSize, rank], true),
    ...(bias && { [`${name}.up.bias`]: { shape: [hiddenSize], std: 0 } }),
  };
}

/** W_up f(W_down x + b₁) + b₂ over the last axis; the residual is its user's. */
export function bottleneck<T extends Tensor>(p: Scope, x: T, { activation, bias }: Bottleneck): T {
  const map = (name: string, rows: Tensor2D): Tensor2D => {
    const weight = p.at(name).get("weight") as Tensor2D;
    return bias ? affine(rows, weight, p.at(name).get("bias") as Tensor1D) : tf.matMul(rows, weight, false, true);
  };
  const inner = map("down", tf.reshape(x, [-1, x.shape.at(-1)!])); // [N, R]
  return tf.reshape(map("up", activation === "gelu" ? gelu(inner) : tf.relu(inner)), x.shape) as T;
}

/** Half the width of torch's uniform start of a linear map, `kaiming_uniform_(a=√5)`. */
export const kaimingBound = (width: number): number => 1 / Math.sqrt(width);
