import { join } from "node:path";
import { openCollection } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import { mineNegatives, writeNegatives } from "@propria/rankers";
import { defineStep, type Step } from "../graph/step.ts";
import type { ModelStep } from "./model.ts";
import { type EncodingSettings, type indexStep, withBiEncoder } from "./vectors.ts";

/** What mining is told: so many of the model's best, of which so many are kept. */
export interface MineSettings {
  split: string;
  depth: number;
  keep: number;
  seed: number;
}

/** The mined file, and how many of its documents are likely to be relevant. */
export type MineOutput = { file: string; queries: number; short: number; likelyFalseNegatives: number };

/** A model's own mistakes on a split's queries, as negatives. */
export const mineStep = (
  label: string,
  model: ModelStep,
  index: ReturnType<typeof indexStep>,
  collection: Step<{ model: string }>,
  { encoding, ...settings }: MineSettings & { encoding: EncodingSettings },
): Step<MineOutput> =>
  defineStep({
    name: `mining ${label}`,
    kind: "mine",
    version: 1,
    settings: { ...settings, encoding: { ...encoding } },
    inputs: { model, index, collection },
    run: (context) =>
      withBiEncoder(context, model, encoding, async (encoder) => {
        const { folder, of, threads } = context;
        const opened = await openIndex(join(of(index).folder, of(index).output.index), {
          space: encoder.space as never,
          ...(threads !== undefined && { threads }),
        });
        try {
          const file = "negatives.jsonl";
          const mined = mineNegatives({
            ...settings,
            model: encoder,
            index: opened,
            collection: await openCollection(of(collection).folder),
          });
          const { queries, short, likelyFalseNegatives } = await writeNegatives(join(folder, file), mined);
          return { file, queries, short, likelyFalseNegatives };
        } finally {
          await opened.release();
        }
      }),
  });
