/** One run at a time in a work folder: two would train the same step into one place. */
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, surroundingsError } from "@propria/base";

const LOCK = "running.pid";

/**
 * Holds a folder for as long as `use` runs. A lock that a killed process left is taken over.
 *
 * @throws {PropriaError} `WORK_IN_USE` while another process holds it.
 */
export async function holdingFolder<Result>(folder: string, use: () => Promise<Result>): Promise<Result> {
  const path = join(folder, LOCK);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(surroundingsError(error, folder)));
  await takeLock(path, folder);
  try {
    return await use();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string, folder: string): Promise<void> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw surroundingsError(error, path);
    const holder = Number(await readFile(path, "utf8"));
    if (isAlive(holder))
      throw new PropriaError("WORK_IN_USE", `process ${holder} runs an experiment here`, {
        at: folder,
        mend: "wait for it, or name another work folder",
        cause: error,
      });
    await rm(path, { force: true });
    await takeLock(path, folder);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
