/** Results on disk: `NAME.json` for scale small, `NAME.full.json` for full. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import type { Scale } from "../experiment.ts";
import type { ExperimentResult } from "./result.ts";

/** Where an experiment's results stand in a folder. */
export const resultPath = (folder: string, name: string, scale: Scale): string =>
  join(folder, scale === "small" ? `${name}.json` : `${name}.${scale}.json`);

/** @throws {PropriaError} `RESULTS_FORM` when the file is no result of ours. */
export async function readResult(path: string): Promise<ExperimentResult | undefined> {
  if (!existsSync(path)) return undefined;
  const result = parsed(await readFile(path, "utf8"), path) as Partial<ExperimentResult>;
  const whole = result.form === 1 && Array.isArray(result.cells) && Array.isArray(result.findings);
  if (!whole) throw notOurs(path);
  return result as ExperimentResult;
}

export async function writeResult(path: string, result: ExperimentResult): Promise<void> {
  await writeFileAtomically(path, formatResult(result));
}

/** JSON with a line for each array of numbers, so that a change shows as few lines. */
export const formatResult = (result: ExperimentResult): string =>
  `${JSON.stringify(result, undefined, 1).replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, "")}]`)}\n`;

function parsed(text: string, path: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw notOurs(path, cause);
  }
}

const notOurs = (path: string, cause?: unknown): PropriaError =>
  new PropriaError("RESULTS_FORM", "holds no results of an experiment", {
    at: path,
    mend: "run the experiment again, or take the file out of the folder",
    cause,
  });
