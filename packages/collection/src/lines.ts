/** Lines of text files, plain or gzip: streamed in batches, with their numbers. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import { PropriaError, surroundingsError } from "@propria/base";

/** Lines that follow each other in a file. */
export interface LineBatch {
  /** Without their line ends. */
  lines: string[];
  /** The number of the first, from 1. */
  firstNumber: number;
  /** The file ends in this batch and its last line has no line end: it may have been cut off. */
  endsOpen: boolean;
}

const READ_BYTES = 1 << 18; // from the disk, and from gunzip
const LONGEST_LINE_BYTES = 1 << 28; // 256 MiB; V8's strings end at 512 Mi characters
const NEWLINE = 10;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * The lines of a text file in UTF-8, plain or gzip (told by its first bytes). LF or CRLF ends a line. Memory: the longest line and two reads of 256 KiB.
 *
 * @throws {PropriaError} `NOT_FOUND`, `NO_PERMISSION`; `GZIP` when the compressed data is cut off or damaged, `ENCODING`
 *   for bytes that are no UTF-8, `LONG_LINE` over 256 MiB, each with the number of the line.
 */
export async function* readLines(path: string): AsyncGenerator<LineBatch> {
  let number = 1;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const batch = (bytes: Uint8Array, endsOpen: boolean): LineBatch => {
    const text = decode(decoder, bytes, path, number);
    const lines = (number === 1 && text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text).split("\n");
    for (let i = 0; i < lines.length; i++) if (lines[i]!.endsWith("\r")) lines[i] = lines[i]!.slice(0, -1);
    const firstNumber = number;
    number += lines.length;
    return { lines, firstNumber, endsOpen };
  };

  let rest: Uint8Array[] = []; // of a line that began in earlier chunks
  let restBytes = 0;
  for await (const chunk of contents(path, () => `${path}:${number}`)) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end >= 0) {
      yield batch(rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]), false);
      rest = [];
      restBytes = 0;
    }
    const tail = chunk.subarray(end + 1);
    if (tail.length > 0) rest.push(tail);
    restBytes += tail.length;
    if (restBytes > LONGEST_LINE_BYTES)
      throw new PropriaError("LONG_LINE", `the line is longer than ${LONGEST_LINE_BYTES} bytes`, {
        at: `${path}:${number}`,
      });
  }
  if (restBytes > 0) yield batch(Buffer.concat(rest), true);
}

/** The bytes of a file, decompressed. `at` tells the place reached, for errors. */
async function* contents(path: string, at: () => string): AsyncGenerator<Buffer> {
  const compressed = await isGzip(path);
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: READ_BYTES });
  try {
    yield* compressed ? gunzip(chunks) : chunks;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!code.startsWith("Z_")) throw surroundingsError(error, path);
    const what = code === "Z_BUF_ERROR" ? "the gzip data is cut off" : "the gzip data is damaged";
    throw new PropriaError("GZIP", what, { at: at(), mend: "copy or download the file again", cause: error });
  }
}

async function isGzip(path: string): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch (error) {
    throw surroundingsError(error, path);
  } finally {
    await handle?.close();
  }
}

/** Written to by hand, not piped: what was decompressed before an error still comes out, so that the error's line is the right one. */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: READ_BYTES });
  const produced: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => produced.push(bytes));
  const failed = new Promise<never>((_, reject) => stream.once("error", reject));
  failed.catch(() => stream.destroy()); // also when nobody waits at that moment
  try {
    for await (const chunk of chunks) {
      const written = new Promise<void>((resolve) => stream.write(chunk, (error) => error ?? resolve())); // an error comes through `failed`
      await Promise.race([written, failed]);
      yield* produced.splice(0);
    }
    const ended = new Promise<void>((resolve) => stream.once("end", resolve));
    stream.end();
    await Promise.race([ended, failed]);
  } catch (error) {
    yield* produced.splice(0);
    throw error;
  } finally {
    stream.destroy();
  }
  yield* produced;
}

function decode(decoder: TextDecoder, bytes: Uint8Array, path: string, firstNumber: number): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    const number = firstNumber + linesBeforeInvalid(decoder, bytes);
    throw new PropriaError("ENCODING", "the line is no valid UTF-8", {
      at: `${path}:${number}`,
      mend: "convert the file to UTF-8",
      cause: error,
    });
  }
}

function linesBeforeInvalid(decoder: TextDecoder, bytes: Uint8Array): number {
  for (let start = 0, line = 0; ; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    if (found < 0) return line;
    start = end + 1;
  }
}
