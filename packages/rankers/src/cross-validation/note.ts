/** The folder of a cross-validation, and the note in it that says what was begun there. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describedAdapter } from "@propria/adapters";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { type EncodingContract, encodingSpace } from "@propria/transformer-core";
import { type AdaptedOptions, modelFolder } from "../adapted/adapted-model.ts";
import type { CrossValidation, Work } from "./cross-validate.ts";

/** Where things are. */
export const filesOf = (out: string) => ({
  note: join(out, "cross-validation.json"),
  /** Copied from the collection for as long as it takes. */
  documents: join(out, "documents"),
  candidates: join(out, "candidates.run"),
  vectors: join(out, "vectors.txt"),
  /** The model of a fold, counted from 0; beside it its queries, and its part of the test. */
  model: (fold: number) => join(out, `fold-${fold + 1}`),
  parts: (fold: number) => join(out, `fold-${fold + 1}.json`),
  tested: (fold: number) => join(out, `fold-${fold + 1}.run`),
  test: join(out, "test.run"),
});

/** @throws {PropriaError} `OUTPUT_EXISTS` for a folder that holds something else, `NOTHING_TO_RESUME`. */
export function refuseOther({ out, resume = "auto" }: Pick<CrossValidation, "out" | "resume">): void {
  const begun = existsSync(filesOf(out).note);
  if (resume === "must" && !begun)
    throw new PropriaError("NOTHING_TO_RESUME", "holds no cross-validation", {
      at: out,
      mend: "start one with resume auto",
    });
  const refuse = begun
    ? resume === "never"
    : existsSync(out) && readdirSync(out).some((name) => !/^documents/.test(name));
  if (!refuse) return;
  throw new PropriaError("OUTPUT_EXISTS", begun ? "holds a cross-validation" : "exists already", {
    at: out,
    mend: begun ? "resume it, name another folder, or remove this one" : "name another folder, or remove this one",
  });
}

/** An adapter by what files say of it. */
const adapterOf = (training: CrossValidation) =>
  "adapter" in training && training.adapter ? { adapter: describedAdapter(training.adapter) } : {};

/** The hash of a model's own weights. */
const weightsOf = async (folder: string) => (await encodingSpace(folder, {} as EncodingContract)).weights;

/**
 * Notes what decides the result, unless it is noted already: the options of the training as they were given, the folds, and hashes of what is read.
 *
 * @throws {PropriaError} `OTHER_OPTIONS`, naming the first thing in which what was begun differs.
 */
export async function keepNote({ training, settings, folds, documents, queries, qrels }: Work): Promise<void> {
  const { collection, out, onFold, signal, threads, workers, checkpointEvery, resume, ...rest } = training;
  const { base, adapters, ...options } = rest as typeof rest & AdaptedOptions;
  const judged = [queries, [...qrels].map(([id, grades]) => [id, ...grades])];
  const note = {
    ...{ format: 1, ...options, ...adapterOf(training), validation: settings, corpus: documents.hash },
    ...("init" in training && { weights: await weightsOf(await modelFolder(training.init, base)) }),
    ...{ judgements: createHash("sha256").update(JSON.stringify(judged)).digest("hex"), folds },
  };
  const now = JSON.parse(JSON.stringify(note)) as Record<string, unknown>; // without functions and what is undefined
  const files = filesOf(out);
  if (existsSync(files.note)) {
    const before = JSON.parse(await readFile(files.note, "utf8")) as Record<string, unknown>;
    const differs = (name: string) => JSON.stringify(before[name]) !== JSON.stringify(now[name]);
    const name = Object.keys({ ...before, ...now }).find(differs);
    if (name === undefined) return;
    if (existsSync(files.model(0)))
      throw new PropriaError("OTHER_OPTIONS", `${name} was another when this cross-validation began`, {
        at: out,
        mend: "give what it began with, or another folder",
      });
  }
  for (const made of [files.candidates, files.vectors]) await rm(made, { force: true }); // of what was begun otherwise
  await writeFileAtomically(files.note, `${JSON.stringify(now, null, 2)}\n`);
}
