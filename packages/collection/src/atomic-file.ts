/**
 * Files and folders that come into being whole: written beside their place, flushed to the disk, renamed.
 * A process killed at any instant, or a full disk, leaves the old file or none.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGzip, type Gzip } from "node:zlib";
import { PropriaError } from "@propria/base";

/** A file that comes into being whole: chunks go to `PATH.tmp`, `commit` flushes and renames it. */
export interface AtomicWriter {
  /** @throws {PropriaError} `DISK_FULL`; the file beside is removed before. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Flushes to the disk and gives the file its name; a file of that name is replaced. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. */
  abort(): Promise<void>;
}

const BUFFER_BYTES = 1 << 20; // one write to the disk; larger gains nothing

/**
 * Opens a file to be written whole or not at all; compressed where the path ends in `.gz`. Folders on the way are created.
 *
 * @throws {PropriaError} `DISK_FULL`, `NO_PERMISSION`.
 */
export async function atomicWriter(path: string): Promise<AtomicWriter> {
  const temporary = `${path}.tmp`;
  const handle = await create(temporary).catch((error: unknown) => Promise.reject(surroundingsError(error, path)));
  const sink = path.endsWith(".gz") ? compressed(handle) : buffered(handle);
  let over = false;

  const orCleanUp = async (work: () => Promise<void>): Promise<void> => {
    if (over) throw new Error(`${path} was committed or aborted before`);
    try {
      await work();
    } catch (error) {
      await abort();
      throw surroundingsError(error, path);
    }
  };
  const abort = async (): Promise<void> => {
    if (over) return;
    over = true;
    await handle.close();
    await rm(temporary, { force: true });
  };
  return {
    write: (chunk) => orCleanUp(() => sink.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk)),
    commit: () =>
      orCleanUp(async () => {
        await sink.end();
        await handle.sync();
        await rename(temporary, path);
        over = true;
        await handle.close();
        await flushFolder(dirname(path));
      }),
    abort,
  };
}

/**
 * Writes a file whole or not at all; compressed where the path ends in `.gz`. Folders on the way are created.
 *
 * @param content All of it, or its parts in order.
 * @throws {PropriaError} `DISK_FULL`, `NO_PERMISSION`; and whatever `content` throws.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const writer = await atomicWriter(path);
  try {
    const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for await (const part of parts) await writer.write(part);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.commit();
}

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
): Promise<void> {
  await refuseFilled(folder);
  const temporary = `${folder}.tmp`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await fill(temporary);
    await flushTree(temporary);
    await refuseFilled(folder);
    await rmdir(folder).catch(unlessMissing); // an empty one
    await rename(temporary, folder);
    await flushFolder(dirname(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw surroundingsError(error, folder);
  }
}

/**
 * The `PropriaError` for a failure of the surroundings: `DISK_FULL`, `NOT_FOUND` or `NO_PERMISSION`, with
 * the system's error as its cause. Any other error comes back as it is.
 */
export function surroundingsError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new PropriaError("DISK_FULL", "no space left on the disk", {
        at: path,
        mend: "free some space and start again; nothing half-written is left",
        cause: error,
      });
    case "ENOENT":
    case "ENOTDIR":
      return new PropriaError("NOT_FOUND", "no such file or folder", { at: path, cause: error });
    case "EISDIR":
      return new PropriaError("NOT_FOUND", "a folder where a file is expected", { at: path, cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new PropriaError("NO_PERMISSION", "no permission", { at: path, cause: error });
    default:
      return error;
  }
}

async function create(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, "w");
}

interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** Gathers small chunks; `FileHandle.writeFile` goes on from the current position and writes all of it, where `write` may write less. */
function buffered(handle: FileHandle): Sink {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    if (bytes.length > 0) await handle.writeFile(bytes);
  };
  return {
    async write(bytes) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= BUFFER_BYTES) await flush();
    },
    end: flush,
  };
}

/** Node's gzip header has no name and no time: the same content gives the same bytes. */
function compressed(handle: FileHandle): Sink {
  const gzip: Gzip = createGzip();
  const file = buffered(handle);
  let produced: Uint8Array[] = [];
  gzip.on("data", (bytes: Uint8Array) => produced.push(bytes));
  const drain = async (): Promise<void> => {
    const chunks = produced;
    produced = [];
    for (const chunk of chunks) await file.write(chunk);
  };
  return {
    async write(bytes) {
      await new Promise<void>((resolve, reject) => gzip.write(bytes, (error) => (error ? reject(error) : resolve())));
      await drain();
    },
    async end() {
      await new Promise<void>((resolve, reject) => gzip.once("end", resolve).once("error", reject).end());
      await drain();
      await file.end();
    },
  };
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

async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    else if (entry.isFile()) await flush(path, "r+");
  }
  await flushFolder(folder);
}

/** A rename lasts when its folder is flushed; Windows cannot and need not. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform !== "win32") await flush(folder, "r");
}

async function flush(path: string, flags: "r" | "r+"): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
