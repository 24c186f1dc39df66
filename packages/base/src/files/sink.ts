import type { FileHandle } from "node:fs/promises";
import { createGzip } from "node:zlib";

/** Where the bytes of a file go, in order. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what waits. Neither flushes nor closes the file. */
  end(): Promise<void>;
}

const BUFFER_BYTES = 1 << 20; // one write to the disk; larger gains nothing

/**
 * Gathers small chunks; large ones go to the disk without a copy. `FileHandle.writeFile` goes on from the current position
 * and writes all of it, where `write` may write less.
 */
export function buffered(file: FileHandle): Sink {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const end = async (): Promise<void> => {
    const bytes = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    if (bytes.length > 0) await file.writeFile(bytes);
  };
  return {
    async write(bytes) {
      if (bytes.length >= BUFFER_BYTES) await end();
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= BUFFER_BYTES) await end();
    },
    end,
  };
}

/** Node's gzip header has no name and no time: the same content gives the same bytes. */
export function compressed(file: FileHandle): Sink {
  const gzip = createGzip();
  const sink = buffered(file);
  let produced: Uint8Array[] = [];
  gzip.on("data", (bytes: Uint8Array) => produced.push(bytes));
  const drain = async (): Promise<void> => {
    const chunks = produced;
    produced = [];
    for (const chunk of chunks) await sink.write(chunk);
  };
  return {
    async write(bytes) {
      await new Promise<void>((resolve, reject) => gzip.write(bytes, (error) => (error ? reject(error) : resolve())));
      await drain();
    },
    async end() {
      await new Promise<void>((resolve, reject) => gzip.once("end", resolve).once("error", reject).end());
      await drain();
      await sink.end();
    },
  };
}
