export { type BatchPlan, type Cursor, type PlannedBatch, planBatches, type Remainder } from "./batch-plan.ts";
export { type BatchSize, type Bucket, lengthBuckets } from "./buckets.ts";
export { collateContext } from "./collate-context.ts";
export type { Evaluated, TrainingEvaluation } from "./evaluation.ts";
export type { TrainingEvent } from "./event-log.ts";
export type { Json, TrainableLoss, TrainingLength, TrainOptions } from "./options.ts";
export type { TrainingProgress } from "./progress.ts";
export type { CollateContext, ExampleSource, PaddedTokens, PadOptions, SourceModule, SourceSpec } from "./source.ts";
export { type TrainingResult, train } from "./train.ts";
