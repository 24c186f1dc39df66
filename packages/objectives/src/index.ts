export {
  type CollateContext,
  defineObjective,
  type ExampleContext,
  type Loss,
  type LossContext,
  type Objective,
  type PaddedTokens,
  type PrepareContext,
} from "./define-objective.ts";
export { builtInObjectives, loadObjective } from "./load-objective.ts";
export { describeOptions, objectiveOptions, type OptionDescription } from "./options.ts";
export { type Pretraining, type PretrainingResult, pretrain } from "./pretrain.ts";
