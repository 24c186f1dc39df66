/** How a ranker's training is validated: on another split (`--validate`), or fold by fold (`--folds`). */
import { PropriaError } from "@propria/base";
import { parseMeasure } from "@propria/metrics";
import {
  type CrossValidation,
  crossValidate,
  type Folds,
  readFolds,
  type Validation,
  type ValidationResult,
} from "@propria/rankers";
import { integer, number, text, type Values } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import type { FinetuningDisplay } from "./display.ts";
import { mustBeFile, negativesOf } from "./negatives.ts";

/** Flags of every training of a ranker. */
export const validationFlags = {
  split: text("NAME", "whose judgments are learnt, or with --folds cut; default: train, with --folds test"),
  validate: text("SPLIT", "split whose queries are ranked now and then; the weights that do it best are kept"),
  folds: text(
    "N|FILE",
    "cross-validate in place of one training: N folds of the queries, or those of a JSON file of lists of query ids",
  ),
  candidates: text(
    "bm25|FILE",
    "of --validate and --folds: whose top is ranked, BM25's or that of a run; default: bm25",
  ),
  candidatesDepth: integer("N", "of --validate and --folds: documents of each query; default: 100"),
  measure: text("NAME", "of --validate and --folds: what is to be best; default: nDCG@10"),
  validateEvery: number("N", "of --validate and --folds: passes over the queries between two values; default: 1", {
    above: 0,
  }),
  patience: integer("N", "of --validate and --folds: values without a new best after which to end; default: never"),
} as const;

type ValidationFlags = Values<typeof validationFlags>;

/** What the flags say, in the words of the library: one training, validated or not, or one for each fold. */
export type Validating =
  | { folds?: never; validation?: Validation }
  | { folds: number | Folds; validation: Omit<Validation, "split"> };

/** Reads the flags before the corpus is read. @throws {PropriaError} `FLAG_CONFLICT`, `FLAG_VALUE`, `MEASURE`, `NOT_FOUND`, `FOLDS`. */
export async function validatingOf(flags: ValidationFlags): Promise<Validating> {
  const { validate, folds, candidates, candidatesDepth, measure, validateEvery, patience } = flags;
  if (validate !== undefined && folds !== undefined)
    throw new PropriaError("FLAG_CONFLICT", "--validate and --folds both say what to validate on", {
      mend: "leave one out: with --folds it is the next fold",
    });
  if (validate === undefined && folds === undefined) {
    refuseForeign(
      { candidates, candidatesDepth, measure, validateEvery, patience },
      "a training without --validate or --folds",
    );
    return {};
  }
  if (measure !== undefined) parseMeasure(measure);
  const validation = given({
    ...{ measure, patience, depth: candidatesDepth, every: validateEvery },
    candidates: candidates === undefined ? undefined : negativesOf(candidates, ["bm25"], "--candidates"),
  });
  if (folds !== undefined) return { validation, folds: await foldsOf(folds) };
  return validate === undefined ? {} : { validation: { split: validate, ...validation } };
}

async function foldsOf(folds: string): Promise<number | Folds> {
  if (/^\d+$/.test(folds)) return Number(folds);
  mustBeFile("--folds", folds, "a number, or a JSON file of lists of query ids");
  return readFolds(folds);
}

/** Cross-validates, and says what came of it. */
export async function crossValidated(
  training: CrossValidation,
  { print, echoSettings }: CommandContext,
  display: FinetuningDisplay,
): Promise<void> {
  mustBeNew(`${training.out}/test.run`);
  const { onPrepare, onProgress, onValidation, onFold } = display;
  const result = await crossValidate({ ...training, onPrepare, onProgress, onValidation, onFold });
  display.end();
  await echoSettings(result.folder);
  const { measure, folds, value, run } = result;
  for (const { folder, queries, validation, test } of folds)
    print(
      `${folder}: ${queries} queries, ${measure} ${test.toFixed(4)}; ${validation.value.toFixed(4)} on the next fold after step ${validation.step}`,
    );
  print(`${run}: ${folds.reduce((sum, { queries }) => sum + queries, 0)} queries, ${measure} ${value.toFixed(4)}`);
}

/** What validation found, for the end of a line; nothing where there was none. */
export const validated = (result: ValidationResult | undefined, split: string | undefined): string =>
  result === undefined ? "" : `; ${result.measure} ${result.value.toFixed(4)} on ${split} after step ${result.step}`;
