import { defineAdapter } from "../define-adapter.ts";
import { parallel } from "./parallel.ts";
import { lengthOption, prefix } from "./prefix.ts";

const ofPrefix = prefix.options.omit({ targets: true }).extend({ length: lengthOption(16) });
const ofParallel = parallel.options.omit({ targets: true });

/**
 * MAM adapter: a prefix at the attention and a scaled parallel adapter at the feed-forward of each layer. The paper has l = 30 and r = 512; the thesis l = r.
 *
 * @see He et al., "Towards a Unified View of Parameter-Efficient Transfer Learning", ICLR 2022. https://arxiv.org/abs/2110.04366
 */
export const mam = defineAdapter({
  name: "mam",
  options: ofPrefix.extend(ofParallel.shape),
  parts: (options) => [
    { adapter: prefix, options: ofPrefix.parse(options) },
    { adapter: parallel, options: ofParallel.parse(options) },
  ],
});
