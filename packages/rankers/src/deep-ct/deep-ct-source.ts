/** Where DeepCT's training examples come from: a source module for the trainer's data worker. */
import type { CollateContext, ExampleSource } from "@propria/trainer";
import type { TermWeightBatch } from "./term-weight-model.ts";
import { openTrainingPassages, type TrainingPassage } from "./training-passage-file.ts";

/** What the worker is told. Structured-cloneable. */
export interface DeepCtSourceOptions {
  /** File of training passages, as training writes it. */
  passages: string;
  padId: number;
}

/** One item is one row of a passage, and one example. */
export function openSource({ passages, padId }: DeepCtSourceOptions): ExampleSource<TrainingPassage, TermWeightBatch> {
  const file = openTrainingPassages(passages);
  return {
    itemCount: file.count,
    padId,
    *examples(item) {
      yield file.at(item);
    },
    exampleTokens: ({ ids }) => ids.length,
    collate: collatePassages,
    close: () => file.close(),
  };
}

/** Passages to arrays `[passages, T]`; what is no word's first piece has target weight 0. */
export function collatePassages(passages: readonly TrainingPassage[], { pad }: CollateContext): TermWeightBatch {
  const tokens = pad(passages.map(({ ids }) => ids));
  const { shape } = tokens.inputIds;
  const [rows, width] = shape;
  const targets = new Float32Array(rows * width);
  const targetWeights = new Float32Array(rows * width);
  for (const [row, { positions, targets: values }] of passages.entries())
    for (const [i, position] of positions.entries()) {
      targets[row * width + position] = values[i]!;
      targetWeights[row * width + position] = 1;
    }
  return { ...tokens, targets: { data: targets, shape }, targetWeights: { data: targetWeights, shape } };
}
