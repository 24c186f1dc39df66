/** A file that comes into being whole: chunks go to `PATH.tmp`, `commit` flushes and renames it. */
export interface AtomicWriter {
  write(chunk: string | Uint8Array): Promise<void>;
  /** Flushes to the disk and gives the file its name. */
  commit(): Promise<void>;
  /** Removes what was written; nothing happens after `commit`. */
  abort(): Promise<void>;
}

/** Opens a file to be written whole or not at all; compressed where the path ends in `.gz`. */
export async function atomicWriter(path: string): Promise<AtomicWriter> {
  throw new Error(`not there yet: ${path}`);
}

/** Writes a file whole or not at all; compressed where the path ends in `.gz`. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  throw new Error(`not there yet: ${path} ${content}`);
}

/** Fills a folder beside its place and gives it its name when all is written; the folder must not exist, or be empty. */
export async function writeFolderAtomically(
  folder: string,
  fill: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  throw new Error(`not there yet: ${folder} ${fill}`);
}

/** The `PropriaError` for a failure of the disk (`DISK_FULL`, `NOT_WRITABLE`, `NOT_FOUND`), else the error itself. */
export function surroundingsError(error: unknown, path: string): unknown {
  return error ?? path;
}
