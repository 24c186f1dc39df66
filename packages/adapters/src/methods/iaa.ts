/**
 * IAA, "inside and aside": any adapter inside the model, and beside it trained bottlenecks around frozen parts, so that gradients have a way on which all is trained.
 *
 * A, x and y as in the slides: `a = LN₁(x + A₁(MHA(x)))`, `y = LN₂(a + A₂(FFN(a)))`. The bypasses are added after Add & Norm and not normalised again.
 *
 * - IAA-S: `a ← a + BN₁(x)` and then `y ← y + BN₂(a)`, two a layer.
 * - IAA-L: `y ← y + BN(x)`, one a layer.
 * - IAA-M: `H ← Encoder(H₀) + BN(H₀)`, one.
 *
 * @see Ma et al., "Scattered or Connected? An Optimized Parameter-efficient Tuning Approach for Information Retrieval", CIKM 2022. https://arxiv.org/abs/2208.09847
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Adapter, defineAdapter } from "../define-adapter.ts";
import { adapter } from "./adapter.ts";
import { activationOption, biasOption, bottleneck, bottleneckInits, initOption, rankOption } from "./bottleneck.ts";

const WIDTHS = ["sublayer", "layer", "stack"] as const;

/**
 * The aside modules alone: BN(x) = W_up σ(W_down x) around each sub-layer, each layer or all of them. Which σ, and how it starts, the paper does not say: a guess. Its
 * formula has no biases and its figure shows none; ours has them as the inside adapters do, for `bias: false` to leave out.
 */
export const aside = defineAdapter({
  name: "aside",
  options: z.object({
    around: z.enum(WIDTHS).default("layer").describe("what each module bypasses"),
    rank: rankOption(12),
    activation: activationOption("gelu"),
    init: initOption("zero-up"),
    bias: biasOption(),
  }),
  sites: ({ around }) => ({ [{ sublayer: "addNorm", layer: "layer", stack: "stack" }[around]]: ["*"] }),
  parameters: (_, { options, config }) => bottleneckInits("aside", options, config),
  attach: ({ options }) => {
    const bypass = (p: Parameters<typeof bottleneck>[0], x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D =>
      tf.add(y, bottleneck(p.at("aside"), x, options));
    return { addNorm: bypass, layer: bypass, stack: bypass };
  },
});

/** What may be tuned of the aside modules, beside the inside adapter's own options. */
const asideOptions = (rank: number) => ({
  asideRank: rankOption(rank).describe("ar: units of the aside modules' bottleneck"),
  asideActivation: activationOption("gelu").describe("σ: the nonlinearity of the aside modules; a guess"),
  asideInit: initOption("zero-up").describe(
    "how the aside modules start; a guess, with which nothing changes at the start",
  ),
  asideBias: biasOption().describe("whether the aside modules have biases; the paper's formula has none"),
});

/** Names of the three by what they bypass. */
const NAMES = { sublayer: "iaa-s", layer: "iaa-l", stack: "iaa-m" } as const;

/**
 * IAA around an adapter, which keeps its own options beside those of the aside modules.
 *
 * @param around What each aside module bypasses.
 * @param inside Any adapter; Houlsby's is the thesis'.
 * @param asideRank Default of the option of that name.
 */
export function insideAndAside(around: (typeof WIDTHS)[number], inside: Adapter, asideRank = 12): Adapter {
  const own = asideOptions(asideRank);
  return defineAdapter({
    name: inside.name === adapter.name ? NAMES[around] : `${NAMES[around]}:${inside.name}`,
    options: inside.options.extend(own),
    parts({ asideRank, asideActivation, asideInit, asideBias, ...options }) {
      const asideValues = { around, rank: asideRank, activation: asideActivation, init: asideInit, bias: asideBias };
      return [
        { adapter: inside, options },
        { adapter: aside, options: asideValues },
      ];
    },
  }) as Adapter;
}

/** Houlsby's adapter with another default rank. */
const houlsby = (rank: number): Adapter => ({
  ...adapter,
  options: adapter.options.extend({ rank: rankOption(rank) }),
});

/** Defaults are the thesis' at 0.5 %. */
export const iaaSmall = insideAndAside("sublayer", houlsby(8), 8);
export const iaaLarge = insideAndAside("layer", houlsby(12), 12);
export const iaaMedium = insideAndAside("stack", houlsby(15), 24);
