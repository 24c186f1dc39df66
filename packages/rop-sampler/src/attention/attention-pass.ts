/** The attention to all documents of a corpus: computed once, on disk for every later run. */
import { createHash } from "node:crypto";
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, surroundingsError, writeFileAtomically } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
import {
  type AttentionFile,
  type AttentionManifest,
  BYTES_PER_END,
  ENDS,
  encodeRecord,
  FORMAT,
  isFinished,
  MANIFEST,
  openAttention,
  RECORDS,
} from "./attention-file.ts";
import type { WordAttention } from "./word-attention.ts";

/** A pass over a corpus. */
export interface AttentionPass {
  model: Pick<WordAttention, "hash" | "weigh">;
  /** The same documents in the same order at each call. */
  documents: AsyncIterable<Document> | Iterable<Document>;
  /** Of the documents, as `corpusHash` of @propria/collection gives it. */
  corpusHash: string;
  /** Where passes are kept, each in a folder named by the hash of model, settings and corpus. */
  folder: string;
  /** Documents held, sorted by length and weighed together; default 1024. After each the files on disk are whole. More is a little less padding. */
  window?: number;
  /** Called after each window with the documents done, those of an earlier call included. */
  onProgress?: ((documents: number) => void) | undefined;
  /** Aborting ends the pass after a window, with the error `INTERRUPTED`. */
  signal?: AbortSignal | undefined;
}

const WINDOW = 1024;

/**
 * The attention to every document: of an earlier call with this model, these settings and this corpus, or computed now. A call that was stopped
 * goes on after its last window, and then gives the same bits as one that was not. Memory holds one window.
 *
 * @throws {PropriaError} `ATTENTION_NOT_FINITE`, `ATTENTION_FILE`, `INTERRUPTED`, `DISK_FULL`; and whatever `documents` throws.
 */
export async function attentionPass({
  model,
  documents,
  corpusHash,
  folder: root,
  window = WINDOW,
  onProgress,
  signal,
}: AttentionPass): Promise<AttentionFile> {
  const hash = createHash("sha256").update(`${model.hash} ${corpusHash} ${window}`).digest("hex");
  const folder = join(root, hash.slice(0, 16));
  if (isFinished(folder)) return openAttention(folder);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(surroundingsError(error, folder)));

  const writer = openWriter(folder, window);
  try {
    let size = 0;
    let block: Document[] = [];
    const flush = async () => {
      writer.append((await model.weigh(block.map(documentText))).map(encodeRecord));
      block = [];
      onProgress?.(size);
      if (signal?.aborted)
        throw new PropriaError("INTERRUPTED", `stopped after ${size} documents`, {
          at: folder,
          mend: "call again to go on",
        });
    };
    for await (const document of documents) {
      if (size++ < writer.begun) continue; // done by an earlier call
      block.push(document);
      if (block.length === window) await flush();
    }
    if (block.length > 0) await flush();
    writer.finish();
    const manifest: AttentionManifest = { format: FORMAT, size, hash };
    await writeFileAtomically(join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`);
  } finally {
    writer.close();
  }
  return openAttention(folder);
}

/**
 * The two files of records, written window by window. A window counts once its ends are written, which is after its records; what an earlier
 * call wrote beyond its last whole window is overwritten.
 */
function openWriter(folder: string, window: number) {
  const explained = <T>(path: string, act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw surroundingsError(error, path);
    }
  };
  const paths = { records: join(folder, RECORDS), ends: join(folder, ENDS) };
  const open = (path: string) => explained(path, () => openSync(path, constants.O_RDWR | constants.O_CREAT));
  const [records, ends] = [open(paths.records), open(paths.ends)];
  const { begun, end } = lastWindow(ends, window);
  let [count, at] = [begun, end];
  const write = (file: number, path: string, bytes: Buffer, place: number) =>
    explained(path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, place + done);
      fsyncSync(file);
    });
  return {
    /** Documents of whole windows that are there already. */
    begun,
    append(block: readonly Buffer[]) {
      write(records, paths.records, Buffer.concat(block), at);
      const places = Buffer.alloc(block.length * BYTES_PER_END);
      for (const [i, record] of block.entries()) {
        at += record.length;
        places.writeDoubleLE(at, i * BYTES_PER_END);
      }
      write(ends, paths.ends, places, count * BYTES_PER_END);
      count += block.length;
    },
    /** Cuts off what an earlier, stopped call left behind the last window. */
    finish() {
      explained(paths.records, () => ftruncateSync(records, at));
      explained(paths.ends, () => ftruncateSync(ends, count * BYTES_PER_END));
    },
    close() {
      for (const file of [records, ends]) closeSync(file);
    },
  };
}

/** How many documents there are in whole windows, and where the last of them ends. */
function lastWindow(ends: number, window: number): { begun: number; end: number } {
  let begun = 0;
  let end = 0;
  const place = Buffer.alloc(BYTES_PER_END);
  while (readSync(ends, place, 0, BYTES_PER_END, (begun + window - 1) * BYTES_PER_END) === BYTES_PER_END) {
    begun += window;
    end = place.readDoubleLE(0);
  }
  return { begun, end };
}
