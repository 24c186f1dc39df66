/** Evaluation while training: a value now and then, the best weights kept, an early end. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PropriaError, writeFileAtomically, writeFolderAtomically } from "@propria/base";
import type { ParameterStore } from "@propria/engine";
import { z } from "zod";
import { type Cursor, fractionTrained } from "./batch-plan.ts";
import type { TrainingState } from "./checkpoint.ts";
import { onDisk, UNEXPLAINED } from "./on-disk.ts";
import { type FileCheck, isWhole, readTensors, writeTensors } from "./tensor-file.ts";
import { weightsOf } from "./weights.ts";

/** When and how a training is evaluated, and when it ends before its length. */
export interface TrainingEvaluation {
  /**
   * How good the weights now in the store are, higher is better. Must be a function of them alone, for a resumed training
   * to end as one never stopped. The store's numbers are not to be changed. May throw when the training's signal is aborted: the checkpoint
   * then says that this evaluation is due.
   */
  value(at: { step: number }): Promise<number>;
  /** Evaluated each so many updates, or passes over the items; after the last update in any case. */
  every: { steps: number } | { epochs: number };
  /** The weights before the first update are evaluated too, and may be the best; default false. */
  first?: boolean | undefined;
  /** Evaluations in a row without a new best value after which training ends; default: it does not end early. */
  patience?: number | undefined;
}

/** One evaluation. */
export interface Evaluated {
  /** Updates done. */
  step: number;
  value: number;
}

const count = z.int().positive();
const form = z.object({
  every: z.union([z.strictObject({ steps: count }), z.strictObject({ epochs: z.number().positive() })]),
  first: z.boolean().default(false),
  patience: count.optional(),
});

/** What of an evaluation decides the result. */
export type EvaluationSettings = z.output<typeof form>;

/** Filled in and checked. @throws {PropriaError} `OPTION_INVALID`. */
export function evaluationSettings(evaluation: TrainingEvaluation): EvaluationSettings {
  const { data, error } = form.safeParse(evaluation);
  if (data) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, { at: ["train: evaluation", ...path].join(".") });
}

/** The first of the highest values. */
export const bestOf = (evaluations: readonly Evaluated[]): Evaluated | undefined =>
  evaluations.reduce<Evaluated | undefined>(
    (best, each) => (best && best.value >= each.value ? best : each),
    undefined,
  );

/** Whether so many evaluations came after the best that training ends. */
export function isOver(evaluations: readonly Evaluated[], { patience = Number.POSITIVE_INFINITY }: EvaluationSettings) {
  const best = bestOf(evaluations);
  return best !== undefined && evaluations.length - 1 - evaluations.indexOf(best) >= patience;
}

/** Whether an evaluation is due between two moments of a training. */
export function isDue(
  before: { step: number; cursor: Cursor },
  after: { step: number; cursor: Cursor },
  { every }: EvaluationSettings,
): boolean {
  const periods = ({ step, cursor }: { step: number; cursor: Cursor }) =>
    Math.floor("steps" in every ? step / every.steps : fractionTrained(cursor, every.epochs) + 1e-9);
  return periods(after) > periods(before);
}

/**
 * Evaluates, keeps the weights if they are the best yet, and gives the state with the value.
 *
 * @throws {PropriaError} `VALUE_NOT_FINITE`.
 */
export async function evaluated(
  state: TrainingState,
  { value }: TrainingEvaluation,
  { store, best }: { store: ParameterStore; best: string },
): Promise<TrainingState> {
  const { step, evaluations = [] } = state;
  const found: Evaluated = { step, value: await value({ step }) };
  if (!Number.isFinite(found.value))
    throw new PropriaError("VALUE_NOT_FINITE", `the evaluation after step ${step} gave ${found.value}`, {
      at: "train",
    });
  const all = [...evaluations, found];
  if (bestOf(all) === found) await keep(best, store, found);
  return { ...state, evaluations: all, evaluationDue: false };
}

const WEIGHTS = "weights.safetensors";
const NOTE = "best.json";

const placeOf = (folder: string, step: number): string => join(folder, `step-${String(step).padStart(8, "0")}`);

async function keep(folder: string, store: ParameterStore, { step, value }: Evaluated): Promise<void> {
  const place = placeOf(folder, step);
  rmSync(place, { recursive: true, force: true }); // of a process that was killed before it noted the value
  const fill = async (beside: string): Promise<void> => {
    const check = await writeTensors(join(beside, WEIGHTS), weightsOf(store));
    await writeFileAtomically(join(beside, NOTE), `${JSON.stringify({ step, value, ...check })}\n`, UNEXPLAINED);
  };
  await onDisk(folder, () => writeFolderAtomically(place, fill, UNEXPLAINED));
}

/** Removes kept weights that are not the best any more; called once a checkpoint knows which are. */
export function forgetOthers(folder: string, evaluations: readonly Evaluated[]): void {
  const best = bestOf(evaluations);
  if (best === undefined || !existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (join(folder, name) !== placeOf(folder, best.step)) rmSync(join(folder, name), { recursive: true, force: true });
}

/**
 * Puts the best weights into the store.
 *
 * @throws {PropriaError} `CHECKPOINTS_TORN` when they are not there or not whole.
 */
export function loadBest(folder: string, store: ParameterStore, { step }: Evaluated): void {
  const place = placeOf(folder, step);
  const note = join(place, NOTE);
  if (!existsSync(note) || !isWhole(join(place, WEIGHTS), JSON.parse(readFileSync(note, "utf8")) as FileCheck))
    throw new PropriaError("CHECKPOINTS_TORN", `the best weights, those after step ${step}, are not whole`, {
      at: place,
      mend: "give another folder to start again",
    });
  readTensors(join(place, WEIGHTS), weightsOf(store));
}
