import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineAdapter } from "../define-adapter.ts";

const patterns = (what: string) => z.array(z.string()).default(["*"]).describe(what);

/**
 * BitFit: only biases are trained, those of linear maps and of LayerNorms. What is learnt is kept as the difference to the model's own, so nothing changes at the start.
 *
 * @see Ben Zaken et al., "BitFit: Simple Parameter-efficient Fine-tuning for Transformer-based Masked Language-models", ACL 2022. https://arxiv.org/abs/2106.10199
 */
export const bitfit = defineAdapter({
  name: "bitfit",
  options: z.object({
    linears: patterns("linear maps whose bias is trained; * is all"),
    norms: patterns("LayerNorms whose bias is trained; * is all"),
  }),
  sites: ({ linears, norms }) => ({ linear: linears, norm: norms }),
  parameters: ({ out }) => ({ "bitfit.bias": { shape: [out], std: 0 } }),
  attach: () => ({
    linear: (p, _x, y) => tf.add(y, p.get("bitfit.bias")),
    norm: (p, y) => tf.add(y, p.get("bitfit.bias")),
  }),
  additions: (p): Record<string, Tensor> => ({ bias: p.get("bitfit.bias") }),
});
