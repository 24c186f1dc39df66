/** What a stage is made from, kept beside it: what was made otherwise is not used. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { corpusHash } from "@propria/collection";
import { type EncodingContract, encodingSpace, type Json, readContract } from "@propria/transformer-core";
import { positivesOf } from "../negatives/negatives.ts";
import type { TrainingCollection } from "../training-documents.ts";
import type { Stage } from "./recipe.ts";

/** Where a stage's files are, in the folder of the training. */
export const stageFiles = (out: string, { name }: Pick<Stage, "name">) => ({
  /** The model. */
  folder: join(out, name),
  /** What was mined for it. */
  negatives: join(out, `${name}-negatives.jsonl.gz`),
  /** What both are made from. */
  note: join(out, `${name}.json`),
});

/** What decides a stage, besides the program: flat records by what they are about. */
export type StageNote = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/**
 * The note of a stage: its options, its collection's hashes, and of each model that it names everything that decides the vectors.
 *
 * @param models Their folders, by the option that names them.
 */
export async function noteOf(
  { name: _, init: __, ...options }: Stage,
  models: Readonly<Record<string, string>>,
  collection: CollectionHashes,
): Promise<StageNote> {
  const note: Record<string, object> = { options, collection };
  for (const [use, folder] of Object.entries(models)) {
    const contract = await readContract(folder);
    const { weights, ...rest } = await encodingSpace(folder, contract ?? ({} as EncodingContract));
    note[use] = { weights, ...rest }; // what most often differs is named first
  }
  return JSON.parse(JSON.stringify(note)) as StageNote; // without the members that are undefined
}

/**
 * Keeps the note of a stage that begins. What an earlier call mined for another stage of the name goes first: killed at any instant, no
 * negatives are beside a note that they were not made from.
 *
 * @throws {PropriaError} `STAGE_CHANGED` for a stage that has begun otherwise, naming the first thing that differs.
 */
export async function keepNote(out: string, stage: Stage, note: StageNote): Promise<void> {
  const files = stageFiles(out, stage);
  const before = existsSync(files.note) ? (JSON.parse(await readFile(files.note, "utf8")) as StageNote) : undefined;
  const difference = before && changed(before, note);
  if (before && difference === undefined) return;
  if (difference !== undefined && existsSync(files.folder))
    throw new PropriaError("STAGE_CHANGED", `was begun with other ${difference}`, {
      at: files.folder,
      mend: "remove this folder to train the stage again, or name another one to train into",
    });
  await rm(files.negatives, { force: true });
  await writeFileAtomically(files.note, `${JSON.stringify(note, null, 2)}\n`);
}

/** The first member in which two notes differ. */
function changed(before: StageNote, now: StageNote): string | undefined {
  for (const part of Object.keys({ ...now, ...before }))
    for (const name of Object.keys({ ...before[part], ...now[part] }))
      if (JSON.stringify(before[part]?.[name]) !== JSON.stringify(now[part]?.[name]))
        return part === "options" ? name : `${name} (${part})`;
  return undefined;
}

/** SHA-256, in hexadecimal, of what a stage reads of a collection. */
export type CollectionHashes = {
  corpus: string;
  /** Of the queries with a positive in the split, their texts and their positives. */
  judgements: string;
};

/** Reads a collection through. @param onDocument Called before each document; it may throw. */
export async function collectionHashes(
  collection: TrainingCollection,
  split: string,
  onDocument: () => void,
): Promise<CollectionHashes> {
  async function* documents() {
    for await (const document of collection.documents()) {
      onDocument();
      yield document;
    }
  }
  const qrels = await collection.qrels(split);
  const judgements = createHash("sha256");
  for await (const { id, text } of collection.queries()) {
    const positives = positivesOf(qrels, id);
    if (positives.length > 0) judgements.update(`${JSON.stringify([id, text, ...positives])}\n`);
  }
  return { corpus: await corpusHash({ documents }), judgements: judgements.digest("hex") };
}
