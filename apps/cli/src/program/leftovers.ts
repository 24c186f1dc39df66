/** What a command that failed leaves at its `--out`: nothing that it made itself, but for what the same command goes on from. */
import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isPropriaError } from "@propria/base";

/**
 * Runs a command; when it fails, takes away the folders on the way to `out` that it made for nothing, and of a training all that is no
 * checkpoint. A training that was interrupted keeps what it had prepared.
 *
 * @param out      The command's `--out`; undefined where it has none.
 * @param training Whether `out` is the folder of a training, or of several in stages.
 */
export async function withoutLeftovers<Result>(
  out: string | undefined,
  training: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  if (out === undefined) return work();
  const absent = absentParents(resolve(out));
  const before = existsSync(out) ? new Set(namesIn(out)) : undefined;
  try {
    return await work();
  } catch (error) {
    const interrupted = isPropriaError(error) && error.code === "INTERRUPTED";
    if (training && isFolder(out) && (!interrupted || isHollow(out))) removeMade(out, before);
    for (const folder of absent) if (isFolder(folder) && namesIn(folder).length === 0) rmdirSync(folder);
    throw error;
  }
}

/** @param before What the folder held at the start; undefined when it was not there. */
function removeMade(out: string, before: ReadonlySet<string> | undefined): void {
  if ((before?.size ?? 0) === 0 && !isOfUse(out)) {
    for (const name of namesIn(out)) rmSync(join(out, name), { recursive: true });
    if (before === undefined) rmdirSync(out);
    return;
  }
  for (const stage of stagesIn(out))
    if (!before?.has(stage) && !isOfUse(join(out, stage))) rmSync(join(out, stage), { recursive: true });
}

/** A model, a checkpoint, mined negatives; in the folder, or in that of a stage. */
function isOfUse(folder: string): boolean {
  const names = namesIn(folder);
  if (names.some((name) => name === "propria.json" || name.endsWith("-negatives.jsonl.gz"))) return true;
  if (names.includes("checkpoints") && namesIn(join(folder, "checkpoints")).length > 0) return true;
  return stagesIn(folder).some((stage) => isOfUse(join(folder, stage)));
}

/** The folder of a stage has its note beside it. */
const stagesIn = (folder: string): string[] =>
  namesIn(folder).filter((name) => isFolder(join(folder, name)) && existsSync(join(folder, `${name}.json`)));

/** Folders and no file in them. */
const isHollow = (path: string): boolean => isFolder(path) && namesIn(path).every((name) => isHollow(join(path, name)));

const namesIn = (path: string): string[] => (isFolder(path) ? readdirSync(path) : []);

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The folders above a path that are not there, the deepest first. */
function absentParents(path: string): string[] {
  const parent = dirname(path);
  return existsSync(parent) ? [] : [parent, ...absentParents(parent)];
}
