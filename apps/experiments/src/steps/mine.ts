import { join } from "node:path";
import { openCollection } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import { mineNegatives, writeNegatives } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type EncodingSettings, type IndexStep, withBiEncoder } from "./vectors.ts";

/** What mining is told: so many of the model's best, of which so many are kept. */
export interface MineSettings {
  split: string;
  depth: number;
  keep: number;
  seed: number;
}

/** The mined file, and what there is to say of it: likely false negatives among the candidates of queries with a positive found, above all. */
export type MineOutput = {
  file: string;
  queries: number;
  short: number;
  positiveFound: number;
  positiveNotFound: number;
  negatives: number;
  likelyFalse: number;
};

/** A model's own mistakes on a split's queries, as negatives. */
export const mineStep = (
  label: string,
  model: FolderStep,
  index: IndexStep,
  collection: FolderStep,
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
        const { folder, threads } = context;
        const opened = await openIndex(pathOf(context, index), {
          space: encoder.space as never,
          ...(threads !== undefined && { threads }),
        });
        try {
          const file = "negatives.jsonl";
          const mined = mineNegatives({
            ...settings,
            model: encoder,
            index: opened,
            collection: await openCollection(pathOf(context, collection)),
          });
          return { file, ...(await writeNegatives(join(folder, file), mined)) };
        } finally {
          await opened.release();
        }
      }),
  });
