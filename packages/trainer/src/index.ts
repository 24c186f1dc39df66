export type { BatchSize, Remainder } from "./batch-plan.ts";
export type { Json, TrainingLength, TrainingLoss, TrainOptions } from "./options.ts";
export type { TrainingProgress } from "./progress.ts";
export type { CollateContext, ExampleSource, PaddedTokens, PadOptions, SourceModule, SourceSpec } from "./source.ts";
export { type TrainingResult, train } from "./train.ts";
