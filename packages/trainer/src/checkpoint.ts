import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically, writeFolderAtomically } from "@propria/base";
import type { ParameterStore } from "@propria/engine";
import { z } from "zod";
import { UNEXPLAINED } from "./on-disk.ts";
import { isWhole, type NamedArrays, readTensors, writeTensors } from "./tensor-file.ts";
import { weightsOf } from "./weights.ts";

/**
 * Checkpoints: folders `step-00000120` with the weights, both moments and, written last, `state.json`, which knows the
 * size and the hash of the others. A folder gets its name when everything in it is flushed; the last two are kept.
 */

const KEPT = 2;
const WEIGHTS = "weights.safetensors";
const MOMENTS = "moments.safetensors";
const STATE = "state.json";
const TEMPORARY = ".tmp"; // what the writers of `@propria/base` leave when they are killed

const count = z.number().int().nonnegative();
const fileCheck = z.object({ bytes: count, sha256: z.string() });
const stateForm = z.object({
  format: z.literal(1),
  /** Updates done. */
  step: count,
  /** Of the last batch trained on; see {@link Cursor}. */
  cursor: z.object({
    itemCount: count,
    epoch: count,
    position: count,
    index: count,
    epochExamples: count,
    examples: count,
    waiting: z.array(z.tuple([count, count, count])),
  }),
  /** Length of the event log at this step. */
  eventsBytes: count,
  elapsedSeconds: z.number(),
  /** Real tokens trained on. */
  tokens: count,
  /** Of the last steps, for the summary. */
  recentLosses: z.array(z.number()),
  /** Where the training is evaluated: the values so far, and whether that of this step is still to come. */
  evaluations: z.array(z.object({ step: count, value: z.number() })).optional(),
  evaluationDue: z.boolean().optional(),
  files: z.object({ [WEIGHTS]: fileCheck, [MOMENTS]: fileCheck }),
});

/** What a checkpoint knows beside weights and moments. */
export type TrainingState = Omit<z.infer<typeof stateForm>, "format" | "files">;

/** A whole checkpoint on disk. */
export interface Checkpoint {
  folder: string;
  state: TrainingState;
}

/** Writes the checkpoint of `state.step`, then removes all but the last two. What an error leaves is removed. */
export async function writeCheckpoint(folder: string, store: ParameterStore, state: TrainingState): Promise<void> {
  const place = join(folder, `step-${String(state.step).padStart(8, "0")}`);
  const fill = async (beside: string): Promise<void> => {
    const files = {
      [WEIGHTS]: await writeTensors(join(beside, WEIGHTS), weightsOf(store)),
      [MOMENTS]: await writeTensors(join(beside, MOMENTS), momentsOf(store)),
    };
    await writeFileAtomically(join(beside, STATE), `${JSON.stringify({ format: 1, ...state, files })}\n`, UNEXPLAINED);
  };
  await writeFolderAtomically(place, fill, UNEXPLAINED);
  for (const name of checkpointNames(folder).slice(KEPT)) remove(join(folder, name));
}

/** The newest whole checkpoint, and the torn ones that are newer. Reads and hashes every byte of it. */
export function newestCheckpoint(folder: string): { checkpoint: Checkpoint | undefined; torn: string[] } {
  const torn: string[] = [];
  for (const name of checkpointNames(folder)) {
    const place = join(folder, name);
    const state = wholeState(place);
    if (state) return { checkpoint: { folder: place, state }, torn };
    torn.push(place);
  }
  return { checkpoint: undefined, torn };
}

/** Puts weights and moments of a whole checkpoint into the store. */
export function loadCheckpoint({ folder }: Checkpoint, store: ParameterStore): void {
  readTensors(join(folder, WEIGHTS), weightsOf(store));
  readTensors(join(folder, MOMENTS), momentsOf(store));
}

/** Removes what a killed process left half-written, and the torn checkpoints given. */
export function sweep(folder: string, torn: readonly string[]): void {
  for (const name of namesIn(folder)) {
    if (name.endsWith(TEMPORARY)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const place of torn) remove(place);
}

/** Newest first. */
const checkpointNames = (folder: string): string[] =>
  namesIn(folder)
    .filter((name) => /^step-\d{8,}$/.test(name))
    .sort((a, b) => Number(b.slice(5)) - Number(a.slice(5)));

/** The state, when the folder is whole. */
function wholeState(place: string): TrainingState | undefined {
  const parsed = stateForm.safeParse(readJson(join(place, STATE)));
  if (!parsed.success) return undefined;
  const { format: _, files, ...state } = parsed.data;
  const whole = isWhole(join(place, WEIGHTS), files[WEIGHTS]) && isWhole(join(place, MOMENTS), files[MOMENTS]);
  return whole ? state : undefined;
}

/** `undefined` for a file that is absent or no JSON: torn. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || isAbsent(error)) return undefined;
    throw error;
  }
}

/** Renamed first, so that a folder with a checkpoint's name is never half-removed. */
function remove(place: string): void {
  renameSync(place, place + TEMPORARY);
  rmSync(place + TEMPORARY, { recursive: true, force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

const momentsOf = (store: ParameterStore): NamedArrays =>
  Object.fromEntries(
    Object.entries(store.optimizerState()).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
