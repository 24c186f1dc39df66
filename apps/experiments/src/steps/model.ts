/** Steps that give a model folder. */
import { join } from "node:path";
import type { Step, StepContext } from "../graph/step.ts";
import type { Curve } from "./training-curve.ts";

/** `model` is the model's folder below the step's; "." of a checkpoint that is given. */
export type ModelStep = Step<{ model: string }>;

/** A model that a step trained. */
export type TrainedStep = Step<{ model: string; curve: Curve; elapsedSeconds: number }>;

/** Where the model of an input stands. */
export function modelPath(context: StepContext, step: ModelStep): string {
  const { folder, output } = context.of(step);
  return join(folder, output.model);
}
