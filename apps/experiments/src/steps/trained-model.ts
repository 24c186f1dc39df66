/** A model that is trained in the folder of a step. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StepContext } from "../graph/step.ts";
import { showTraining, type TrainedOutput, trainingCurve } from "./training-curve.ts";

/**
 * Trains a model into the step's folder, unless it is there whole, and leaves no checkpoints.
 *
 * @param train Called with what every training is told: where to, and by whom it is watched and stopped.
 */
export async function trainedModel(
  context: StepContext,
  train: (told: ReturnType<typeof toldTo>) => Promise<unknown>,
): Promise<TrainedOutput> {
  const told = toldTo(context);
  if (!existsSync(join(told.out, "propria.json"))) await train(told);
  await rm(join(told.out, "checkpoints"), { recursive: true, force: true });
  return { path: MODEL, ...(await trainingCurve(told.out)) };
}

const MODEL = "model";

function toldTo(context: StepContext) {
  const { folder, signal, threads } = context;
  const out = join(folder, MODEL);
  return { out, signal, onProgress: showTraining(context), ...(threads !== undefined && { threads }) };
}
