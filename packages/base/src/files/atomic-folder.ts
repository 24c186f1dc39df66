/** A folder that comes into being whole: a process killed at any instant, or a full disk, leaves none of that name. */
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { PropriaError } from "../errors.ts";
import type { AtomicOptions } from "./atomic-file.ts";
import { flushFolder, flushTree } from "./flush.ts";
import { surroundingsError } from "./surroundings-error.ts";

/**
 * Fills a folder beside its place, flushes every file in it, and gives it its name.
 *
 * @param fill Writes into the folder that it is given, `FOLDER.tmp`.
 * @throws {PropriaError} `OUT_EXISTS` when the folder exists and is not empty, before any work; `DISK_FULL`, `NO_PERMISSION`;
 *   and whatever `fill` throws. Then nothing is left.
 */
export async function writeFolderAtomically(
  folder: string,
  fill: (temporaryFolder: string) => Promise<void>,
  { explain = surroundingsError }: AtomicOptions = {},
): Promise<void> {
  await refuseFilled(folder).catch((error: unknown) => Promise.reject(explain(error, folder)));
  const temporary = `${folder}.tmp`;
  try {
    await rm(temporary, { recursive: true, force: true }); // of a process that was killed here
    await mkdir(temporary, { recursive: true });
    await fill(temporary);
    await flushTree(temporary);
    await refuseFilled(folder);
    await rmdir(folder).catch(unlessMissing); // an empty one
    await rename(temporary, folder);
    await flushFolder(dirname(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explain(error, folder);
  }
}

async function refuseFilled(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(unlessMissing);
  if (entries && entries.length > 0)
    throw new PropriaError("OUT_EXISTS", "the folder exists and is not empty", {
      at: folder,
      mend: "choose another one, or remove it",
    });
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
