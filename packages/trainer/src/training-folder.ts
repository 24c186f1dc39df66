import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { type Checkpoint, newestCheckpoint, sweep } from "./checkpoint.ts";
import { firstDifference } from "./identity.ts";
import { UNEXPLAINED } from "./on-disk.ts";
import type { Json } from "./options.ts";

/**
 * The folder of a training: `training.json` (its identity, written first), `events.jsonl`, `checkpoints/`, `best/`.
 */
export interface TrainingFolder {
  checkpoints: string;
  events: string;
  /** The best weights of a training that is evaluated. */
  best: string;
  /** Where to go on from; `undefined` at the beginning. */
  checkpoint: Checkpoint | undefined;
}

/**
 * Opens the folder for a new training or for one that goes on.
 *
 * @throws {PropriaError} `TRAINING_EXISTS`, `NOTHING_TO_RESUME`, `OTHER_OPTIONS`, `CHECKPOINTS_TORN`.
 */
export async function openTrainingFolder(
  out: string,
  { identity, resume }: { identity: Json; resume: "auto" | "never" | "must" },
): Promise<TrainingFolder> {
  const file = join(out, "training.json");
  const folder = { checkpoints: join(out, "checkpoints"), events: join(out, "events.jsonl"), best: join(out, "best") };
  const exists = existsSync(file);
  if (resume === "never" && (exists || existsSync(folder.checkpoints)))
    throw new PropriaError("TRAINING_EXISTS", "the folder already holds a training", {
      at: out,
      mend: "give another folder, or resume it",
    });
  if (!exists) {
    if (resume === "must") throw nothingToResume(out);
    if (existsSync(folder.checkpoints))
      throw new PropriaError("OTHER_OPTIONS", "there are checkpoints, but no word on what they belong to", {
        at: file,
        mend: "put the file back, or give another folder",
      });
    mkdirSync(folder.checkpoints, { recursive: true });
    await writeFileAtomically(file, `${JSON.stringify(identity, null, 2)}\n`, UNEXPLAINED);
    return { ...folder, checkpoint: undefined };
  }
  checkIdentity(file, identity);
  const { checkpoint, torn } = newestCheckpoint(folder.checkpoints);
  if (!checkpoint && torn.length > 0)
    throw new PropriaError("CHECKPOINTS_TORN", "no checkpoint is whole", {
      at: folder.checkpoints,
      mend: "give another folder to start again",
    });
  if (!checkpoint && resume === "must") throw nothingToResume(out);
  sweep(folder.checkpoints, torn);
  return { ...folder, checkpoint };
}

function checkIdentity(file: string, identity: Json): void {
  const difference = firstDifference(readIdentity(file), identity);
  if (!difference) return;
  const { path, before, now } = difference;
  throw new PropriaError(
    "OTHER_OPTIONS",
    `${path} was ${shown(before)} when this training began, now it is ${shown(now)}`,
    {
      at: file,
      mend: "give what it began with, or another folder",
    },
  );
}

function readIdentity(file: string): Json {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new PropriaError("OTHER_OPTIONS", "the file is no JSON", { at: file, mend: "give another folder", cause });
  }
}

const MOST_SHOWN = 80; // characters of a value in an error

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

const nothingToResume = (out: string): PropriaError =>
  new PropriaError("NOTHING_TO_RESUME", "the folder holds no checkpoint", {
    at: out,
    mend: "start a new training with resume auto or never",
  });
