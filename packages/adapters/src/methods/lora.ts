/** Shapes in this file: `N` rows, `R` the rank. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineAdapter } from "../define-adapter.ts";
import { kaimingBound } from "./bottleneck.ts";
import { loraForm } from "./lora-form.ts";

/** α, where it was not given. */
export const alphaOf = ({ rank, alpha = 2 * rank }: { rank: number; alpha?: number | undefined }): number => alpha;

/**
 * LoRA: y + (α/r)·BAx at linear maps; A is `[R, in]`, B is `[out, R]` and starts at 0, so nothing changes at the start.
 *
 * @see Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. https://arxiv.org/abs/2106.09685
 */
export const lora = defineAdapter({
  name: "lora",
  options: z.object({
    rank: z.number().int().positive().default(16).describe("r: rows of A and columns of B"),
    // The thesis gives neither α nor dropout: these are a guess, after common code's 32 and 0.1 at rank 16.
    alpha: z.number().positive().optional().describe("α: the update is times α / rank; 2 · rank unless given"),
    dropout: z.number().min(0).lt(1).default(0.1).describe("share of A's input that training drops"),
    targets: z
      .array(z.string())
      .default(["attention.self.query", "attention.self.value"])
      .describe("linear maps that it changes; * is all"),
  }),
  sites: ({ targets }) => ({ linear: targets }),
  parameters: ({ width, out }, { options: { rank } }) => ({
    "lora_A.weight": { shape: [rank, width], std: 0, bound: kaimingBound(width) },
    "lora_B.weight": { shape: [out, rank], std: 0 },
  }),
  attach: ({ options }) => ({
    linear(p, x, y) {
      const low = tf.matMul(p.dropout(x, options.dropout), p.get("lora_A.weight") as Tensor2D, false, true); // [N, R]
      const update = tf.matMul(low, p.get("lora_B.weight") as Tensor2D, false, true); // [N, out]
      return tf.add(y, tf.mul(update, alphaOf(options) / options.rank));
    },
  }),
  additions(p, _, { options }): Record<string, Tensor> {
    const product = tf.matMul(p.get("lora_B.weight") as Tensor2D, p.get("lora_A.weight") as Tensor2D); // [out, in]
    return { weight: tf.mul(product, alphaOf(options) / options.rank) };
  },
  peft: loraForm,
});
