/** Shapes in this file: `S` rows of prefix, `H` hidden, `M` the width of the re-parameterisation, `n` layers that have a prefix. */
import { PropriaError } from "@propria/base";
import { linear, type Scope } from "@propria/engine";
import type { EncoderConfig, Init, Inits, Site } from "@propria/transformer-core";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineAdapter } from "../define-adapter.ts";
import { kaimingBound } from "./bottleneck.ts";
import { prefixForm } from "./prefix-form.ts";

export const lengthOption = (length: number) =>
  z.number().int().positive().default(length).describe("l: keys and values of each layer");

/**
 * Prefix-tuning: learnt keys and values before a text's own, in every head. The text's positions stay as they are, and nothing attends from the prefix.
 *
 * It is no identity, whatever it starts from: a key of 0 takes its share of the softmax.
 *
 * @see Li and Liang, "Prefix-Tuning: Optimizing Continuous Prompts for Generation", ACL 2021. https://arxiv.org/abs/2101.00190
 */
export const prefix = defineAdapter({
  name: "prefix",
  options: z.object({
    length: lengthOption(32),
    reparameterize: z
      .boolean()
      .default(true)
      .describe(
        "whether training goes through MLP(E), as in the paper; PEFT's default is false. The file holds keys and values either way",
      ),
    middle: z.number().int().positive().default(512).describe("units of that MLP; the paper's 512, or 800"),
    std: z
      .number()
      .nonnegative()
      .default(1)
      .describe("deviation of fresh E, or of fresh keys and values; 1 is PyTorch's, in the paper's code and in PEFT"),
    positions: z
      .enum(["unchanged", "shifted"])
      .default("unchanged")
      .describe("where a text begins: at position 0, or at l, as PEFT's prefixes of a BERT do"),
    targets: z
      .array(z.string())
      .default(["*"])
      .describe("self-attentions that have one, layer.0.attention.self; * is all"),
  }),
  sites: ({ targets, positions }) => ({ prefix: targets, ...(positions === "shifted" && { positions: ["*"] }) }),
  parameters: ({ kind, width }, { options: { length, std } }): Inits =>
    kind === "positions"
      ? {}
      : { "prefix.keys": { shape: [length, width], std }, "prefix.values": { shape: [length, width], std } },
  attach: ({ options: { length } }) => ({
    prefix: (p) => ({ keys: asTexts(p.get("prefix.keys")), values: asTexts(p.get("prefix.values")) }),
    positions(_, table, words) {
      const [, tokens, width] = words.shape;
      const [positions] = table.shape;
      if (length + tokens > positions)
        throw new PropriaError(
          "TOO_LONG",
          `${tokens} tokens after a prefix of ${length}, and the model has ${positions} positions`,
          {
            mend: `at most ${positions - length} tokens`,
          },
        );
      return tf.slice(table, [length, 0], [tokens, width]);
    },
  }),
  reparameterize: (sites, { options, config }) =>
    options.reparameterize
      ? throughMlp(
          sites.filter(({ kind }) => kind === "prefix"),
          options,
          config,
        )
      : undefined,
  peft: prefixForm,
});

const asTexts = (rows: Tensor): Tensor3D => tf.expandDims(rows, 0); // [1, S, H]

/** P = W₂ tanh(W₁E + b₁) + b₂, cut into the keys and values of each layer. Linear maps start as PyTorch's. */
function throughMlp(
  sites: readonly Site[],
  { length, middle, std }: { length: number; middle: number; std: number },
  { hiddenSize }: EncoderConfig,
) {
  const map = (name: string, width: number, out: number): Inits => {
    const uniform = (shape: readonly number[]): Init => ({ shape, std: 0, bound: kaimingBound(width) });
    return { [`${name}.weight`]: uniform([out, width]), [`${name}.bias`]: uniform([out]) };
  };
  return {
    parameters: {
      "prefix.embedding.weight": { shape: [length, hiddenSize], std },
      ...map("prefix.inner", hiddenSize, middle),
      ...map("prefix.outer", middle, sites.length * 2 * hiddenSize),
    },
    kept(p: Scope): Record<string, Tensor> {
      const mlp = p.at("prefix");
      const inner = tf.tanh(linear(mlp.at("inner"), mlp.at("embedding").get("weight"))); // [S, M]
      const all = linear(mlp.at("outer"), inner) as Tensor2D; // [S, n · 2 · H]
      const blocks = tf.split(all, 2 * sites.length, 1); // [S, H] each
      const names = sites.flatMap(({ path }) => [`${path}.prefix.keys`, `${path}.prefix.values`]);
      return Object.fromEntries(names.map((name, i) => [name, blocks[i]!]));
    },
  };
}
