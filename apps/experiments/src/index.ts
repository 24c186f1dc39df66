export {
  type Baseline,
  defineExperiment,
  type Expectation,
  type Experiment,
  type Scale,
  type Verdict,
} from "./experiment.ts";
export type { StepEvent } from "./graph/graph.ts";
export { type ExperimentSummary, listExperiments } from "./list-experiments.ts";
export { type ReportFiles, type ReportOptions, writeReport } from "./report/write-report.ts";
export type { ExperimentResult } from "./results/result.ts";
export { type RunOptions, runExperiment } from "./run-experiment.ts";
export { checkPaths, type PathCheck } from "./settings/paths.ts";
