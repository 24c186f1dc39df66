import { countParameters } from "@propria/adapters";
import { readConfig } from "@propria/transformer-core";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type AdapterSettings, adapterOf } from "./adapted.ts";

/** How much each adapter trains of a model: weights, biases, and the share of the weights in per cent; of a method of biases alone, theirs. */
export type AdapterSizes = { [system: string]: { weights: number; biases: number; percent: number } };

/** Counts by the model's shape. */
export const adapterSizesStep = (
  model: FolderStep,
  adapters: { readonly [system: string]: AdapterSettings },
): Step<AdapterSizes> =>
  defineStep({
    name: `sizes of adapters of ${model.name}`,
    kind: "adapter-sizes",
    version: 1,
    settings: { adapters },
    inputs: { model },
    async run(context) {
      const config = await readConfig(pathOf(context, model));
      const sizes = Object.entries(adapters).map(([system, settings]) => {
        const { adapter, options } = adapterOf(settings);
        const { weights, biases, percent } = countParameters(config, adapter, { options });
        return [system, { weights, biases, percent: Number(percent.toPrecision(4)) }];
      });
      return Object.fromEntries(sizes) as AdapterSizes;
    },
  });
