import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineAdapter } from "../define-adapter.ts";
import { activationOption, biasOption, bottleneck, bottleneckInits, initOption, rankOption } from "./bottleneck.ts";

/**
 * Adapter: h + W_up f(W_down h + b₁) + b₂ after the attention and after the feed-forward of each layer, before the residual is added.
 *
 * Differences: Houlsby et al. train the LayerNorms too; here, as in the thesis' counts, they stay. Pfeiffer et al.'s single adapter is `targets: ["output"]`, at Houlsby's
 * place; theirs comes after a LayerNorm of its own residual.
 *
 * @see Houlsby et al., "Parameter-Efficient Transfer Learning for NLP", ICML 2019. https://arxiv.org/abs/1902.00751
 * @see Pfeiffer et al., "AdapterFusion: Non-Destructive Task Composition for Transfer Learning", EACL 2021. https://arxiv.org/abs/2005.00247
 */
export const adapter = defineAdapter({
  name: "adapter",
  options: z.object({
    rank: rankOption(16),
    activation: activationOption("gelu"),
    init: initOption("near-identity"),
    bias: biasOption(),
    targets: z
      .array(z.string())
      .default(["attention", "output"])
      .describe('sub-layers that it follows; ["output"] is Pfeiffer\'s single one, after the feed-forward'),
  }),
  sites: ({ targets }) => ({ sublayer: targets }),
  parameters: (_, { options, config }) => bottleneckInits("adapter", options, config),
  attach: ({ options }) => ({
    sublayer: (p, _x, y) => tf.add(y, bottleneck(p.at("adapter"), y, options)),
  }),
});
