/** How a training's loss fell, small enough to keep. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingProgress } from "@propria/trainer";
import type { Step, StepContext } from "../graph/step.ts";

/** By part of the loss, pairs of step and mean over the steps since the last pair. */
export type Curve = { [part: string]: [number, number][] };

/** What a training leaves: its model's folder within the step's, how the loss fell, and how long it took. */
export type TrainedOutput = { path: string; curve: Curve; elapsedSeconds: number };

/** A step that trains a model. */
export type TrainedStep = Step<TrainedOutput>;

const POINTS = 60;

interface Event {
  step: number;
  loss: number;
  parts: Record<string, number>;
  elapsed: number;
}

/** What a trained model's `events.jsonl` says. A training that was resumed has all its steps there, and its whole time. */
export async function trainingCurve(folder: string): Promise<{ curve: Curve; elapsedSeconds: number }> {
  const lines = (await readFile(join(folder, "events.jsonl"), "utf8")).split("\n").filter(Boolean);
  const events = lines.map((line) => JSON.parse(line) as Event);
  return { curve: curveOf(events), elapsedSeconds: Math.round((events.at(-1)?.elapsed ?? 0) * 10) / 10 };
}

/** The whole loss and its parts, where it has several, in at most 60 points each. */
export function curveOf(events: readonly Event[]): Curve {
  const parts = Object.keys(events[0]?.parts ?? {});
  const names = parts.length > 1 ? ["loss", ...parts] : ["loss"];
  const size = Math.max(1, Math.ceil(events.length / POINTS));
  const curve: Curve = {};
  for (const name of names) {
    curve[name] = [];
    for (let start = 0; start < events.length; start += size) {
      const group = events.slice(start, start + size);
      const sum = group.reduce((total, event) => total + (name === "loss" ? event.loss : event.parts[name]!), 0);
      curve[name].push([group.at(-1)!.step, Number((sum / group.length).toPrecision(5))]);
    }
  }
  return curve;
}

/** A training's progress as a step's. */
export const showTraining =
  ({ onProgress }: StepContext) =>
  ({ step, totalSteps, loss }: TrainingProgress): void =>
    onProgress({
      done: step,
      ...(totalSteps !== undefined && { total: totalSteps }),
      unit: "steps",
      note: `loss ${loss.toFixed(3)}`,
    });
