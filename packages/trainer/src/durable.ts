import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PropriaError } from "@propria/base";

/** Files and folders that are whole or absent: written beside their place, flushed, renamed. */

/** What stands beside its place while it is written. */
export const TEMPORARY = ".tmp";

const MOST_WRITTEN_BYTES = 2 ** 26; // per system call; the kernel takes at most 2³¹ − 4096

/** Writes all of `bytes` at the file's position or at `position`. */
export function writeAll(file: number, bytes: Uint8Array, position: number | null = null): void {
  let written = 0;
  while (written < bytes.length) {
    const length = Math.min(bytes.length - written, MOST_WRITTEN_BYTES);
    written += writeSync(file, bytes, written, length, position === null ? null : position + written);
  }
}

/** Makes a new file of what `write` gives it, and flushes it. No rename: for a file in a folder that is itself temporary. */
export function writeFlushed(path: string, write: (file: number) => void): void {
  const file = openSync(path, "wx");
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Puts a whole file of text in place, or leaves what was there. */
export function replaceFile(path: string, text: string): void {
  rmSync(path + TEMPORARY, { force: true });
  writeFlushed(path + TEMPORARY, (file) => writeAll(file, Buffer.from(text)));
  renameFlushed(path + TEMPORARY, path);
}

/** Renames, and flushes the folder that holds the name, so that the new name outlives a power cut. */
export function renameFlushed(from: string, to: string): void {
  renameSync(from, to);
  flushFolder(dirname(to));
}

/** Flushes the names in a folder. */
export function flushFolder(path: string): void {
  if (process.platform === "win32") return; // folders cannot be opened there
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const FULL = ["ENOSPC", "EDQUOT", "EFBIG"];
const CLOSED = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"];

/**
 * Does something to files below `place`.
 *
 * @throws {PropriaError} `DISK_FULL` when there is no space (or a limit is reached), `OUT_NOT_WRITABLE` when nothing can be written there.
 */
export function onDisk<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (FULL.includes(code))
      throw new PropriaError(
        "DISK_FULL",
        `no space left to write (${code}); the checkpoints before this one are whole`,
        {
          at: place,
          mend: "make room, then train with resume",
          cause,
        },
      );
    if (CLOSED.includes(code))
      throw new PropriaError("OUT_NOT_WRITABLE", `cannot be written (${code})`, {
        at: place,
        mend: "give another folder",
        cause,
      });
    throw cause;
  }
}
