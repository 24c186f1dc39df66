/** LoRA in PEFT's files. */
import { PropriaError } from "@propria/base";
import type { Json, Site } from "@propria/transformer-core";
import { z } from "zod";
import type { PeftFiles, PeftForm } from "../define-adapter.ts";

interface LoraOptions {
  rank: number;
  alpha?: number | undefined;
  dropout: number;
  targets: string[];
}

/** What of PEFT's LoRA configuration decides what is computed. */
const schema = z.object({
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.array(z.string()), z.string()]).nullish(),
  layers_to_transform: z.unknown().optional(),
});

/** What makes a LoRA another one, and the values with which it does not. */
const PLAIN: Readonly<Record<string, readonly unknown[]>> = {
  use_dora: [undefined, null, false],
  lora_bias: [undefined, null, false],
  bias: [undefined, null, "none"],
  rank_pattern: [undefined, null],
  alpha_pattern: [undefined, null],
};

/** How PEFT writes LoRA. `use_rslora` is read as another α; DoRA, trained biases, and ranks by pattern are refused. */
export const loraForm: PeftForm<LoraOptions> = {
  type: "LORA",

  write(own, sites, { options }) {
    const config: Record<string, Json> = {
      r: options.rank,
      lora_alpha: options.alpha ?? 2 * options.rank,
      lora_dropout: options.dropout,
      target_modules: targetModules(options.targets, sites),
      bias: "none",
      fan_in_fan_out: false,
      init_lora_weights: true,
    };
    return { config, tensors: own };
  },

  read({ config, tensors }: PeftFiles) {
    for (const [name, plain] of Object.entries(PLAIN)) {
      const value = config[name];
      const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
      if (!isEmpty && !plain.includes(value))
        throw new PropriaError("ADAPTER_FILE", `${name} is ${JSON.stringify(value)}`, {
          mend: "only plain LoRA can be read; merge it into its model with PEFT",
        });
    }
    const { r, lora_alpha, lora_dropout, use_rslora, target_modules, layers_to_transform } = schema.parse(config);
    const paths = [
      ...new Set(Object.keys(tensors).flatMap((name) => /^(.+)\.lora_[AB]\.weight$/.exec(name)?.[1] ?? [])),
    ];
    const isListed = Array.isArray(target_modules) && (layers_to_transform ?? null) === null;
    return {
      options: {
        rank: r,
        alpha: use_rslora ? lora_alpha * Math.sqrt(r) : lora_alpha, // α/√r there
        dropout: lora_dropout,
        targets: isListed ? target_modules : paths, // PEFT's patterns and numbers of layers: what they found
      },
      parameters: tensors,
    };
  },
};

/** The ends of names as they are, where they mean to PEFT what they mean here; else every map by its full name. */
function targetModules(targets: readonly string[], sites: readonly Site[]): string[] {
  const paths: string[] = sites.map(({ path }) => path);
  const pooler = "bert.pooler.dense"; // of a BertModel in PEFT, whether it is used or not
  const alsoFindsPooler = !paths.includes(pooler) && targets.some((target) => `.${pooler}`.endsWith(`.${target}`));
  if (!alsoFindsPooler && !targets.some((target) => target.includes("*"))) return [...targets];
  return paths.map((path) => path.replace(/^bert\./, ""));
}
