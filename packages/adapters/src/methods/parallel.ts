import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineAdapter } from "../define-adapter.ts";
import { activationOption, biasOption, bottleneck, bottleneckInits, initOption, rankOption } from "./bottleneck.ts";

/**
 * Scaled parallel adapter: f(x) + s · (W_up ReLU(W_down x + b₁) + b₂) beside a sub-layer f, of the sub-layer's own input, before the residual is added.
 *
 * @see He et al., "Towards a Unified View of Parameter-Efficient Transfer Learning", ICLR 2022. https://arxiv.org/abs/2110.04366
 */
export const parallel = defineAdapter({
  name: "parallel",
  options: z.object({
    rank: rankOption(16),
    scale: z
      .number()
      .default(2)
      .describe("s: what the adapter's output is times; the authors' scripts have 2 for rank 16 and 4 for rank 512"),
    activation: activationOption("relu"),
    init: initOption("zero-up"),
    bias: biasOption(),
    targets: z
      .array(z.string())
      .default(["output"])
      .describe("sub-layers that it stands beside; output is the feed-forward"),
  }),
  sites: ({ targets }) => ({ sublayer: targets }),
  parameters: (_, { options, config }) => bottleneckInits("parallel", options, config),
  attach: ({ options }) => ({
    sublayer: (p, x, y) => tf.add(y, tf.mul(bottleneck(p.at("parallel"), x, options), options.scale)),
  }),
});
