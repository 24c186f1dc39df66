/** A file that comes into being whole: a process killed at any instant, or a full disk, leaves the old one or none. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { flushFolder } from "./flush.ts";
import { buffered, compressed } from "./sink.ts";
import { surroundingsError } from "./surroundings-error.ts";

/** How {@link writeFileAtomically} and `writeFolderAtomically` tell what the system refused. */
export interface AtomicOptions {
  /** Turns the system's error into the one to throw; {@link surroundingsError}. */
  explain?: (error: unknown, path: string) => unknown;
}

/**
 * Writes a file whole or not at all: to `PATH.tmp`, which is flushed and renamed; compressed where the path ends in `.gz`.
 * Folders on the way are created, a file of that name is replaced.
 *
 * @param content All of it, or its parts in order; a part stays as it is until the file is whole.
 * @throws {PropriaError} `DISK_FULL`, `NOT_FOUND`, `NO_PERMISSION`; and whatever `content` throws. Then nothing is left beside.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  { explain = surroundingsError }: AtomicOptions = {},
): Promise<void> {
  const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  const temporary = `${path}.tmp`;
  const explained = (error: unknown) => Promise.reject(explain(error, path)); // what `content` throws is not ours to explain
  await mkdir(dirname(path), { recursive: true }).catch(explained);
  const file = await open(temporary, "w").catch(explained);
  try {
    const sink = path.endsWith(".gz") ? compressed(file) : buffered(file);
    for await (const part of parts)
      await sink.write(typeof part === "string" ? Buffer.from(part) : part).catch(explained);
    await sink.end().catch(explained);
    await file.sync().catch(explained);
    await file.close().catch(explained);
    await rename(temporary, path).catch(explained);
    await flushFolder(dirname(path)).catch(explained);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}
