import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { PropriaError, surroundingsError, writeFileAtomically, writeFolderAtomically } from "@propria/base";
import { hashed } from "./corpus-hash.ts";
import type { Document } from "./document.ts";
import { isNoField } from "./formats/columns.ts";
import { documentLine, noField, readDocuments } from "./formats/records.ts";

const DOCUMENTS = "documents.jsonl"; // BEIR's corpus.jsonl: readable by anything
const OFFSETS = "offsets.f64"; // size + 1 places in DOCUMENTS, bytes: float64 holds them up to 2⁵³
const IDS = "ids.u32"; // hash table: see `IdTable`
const MANIFEST = "store.json"; // { format, size, hash }
const FORMAT = 1;

/**
 * Documents on disk by number: random access with 16 to 24 bytes of memory a document.
 *
 * Invariant: `size` documents with different ids, in the order of creation, never changed after it. Any number of
 * threads and processes may have one folder open.
 */
export class DocumentStore {
  readonly folder: string;
  readonly size: number;
  /** As `corpusHash` gives it. */
  readonly hash: string;
  readonly #offsets: Float64Array;
  readonly #ids: IdTable;
  readonly #file: number;
  #open = true;

  private constructor(folder: string, { size, hash }: Manifest, offsets: Float64Array, ids: Uint32Array, file: number) {
    this.folder = folder;
    this.size = size;
    this.hash = hash;
    this.#offsets = offsets;
    this.#ids = new IdTable(ids);
    this.#file = file;
  }

  /**
   * Writes the documents to a new folder, whole or not at all, and opens it. Streams; holds the ids meanwhile.
   *
   * @throws {PropriaError} `OUT_EXISTS` when the folder exists and is not empty, `DUPLICATE_ID`, `ID_SPACE`, `DISK_FULL`; and whatever
   *   `documents` throws.
   */
  static async create(folder: string, documents: Iterable<Document> | AsyncIterable<Document>): Promise<DocumentStore> {
    await writeFolderAtomically(folder, async (temporary) => {
      const ids = new Map<string, number>();
      const offsets: number[] = [0];
      const hash = createHash("sha256");
      async function* lines(): AsyncGenerator<Buffer> {
        for await (const document of documents) {
          if (isNoField(document.id)) throw noField(document.id);
          if (ids.has(document.id))
            throw new PropriaError("DUPLICATE_ID", `the id "${document.id}" was there before`, {
              mend: "every id once",
            });
          ids.set(document.id, ids.size);
          const line = Buffer.from(documentLine(document));
          offsets.push(offsets.at(-1)! + line.length);
          hash.update(hashed(document));
          yield line;
        }
      }
      await writeFileAtomically(join(temporary, DOCUMENTS), lines());
      await writeFileAtomically(join(temporary, OFFSETS), bytesOf(Float64Array.from(offsets)));
      await writeFileAtomically(join(temporary, IDS), bytesOf(IdTable.of(ids.keys(), ids.size)));
      const manifest: Manifest = { format: FORMAT, size: ids.size, hash: hash.digest("hex") };
      await writeFileAtomically(join(temporary, MANIFEST), `${JSON.stringify(manifest)}\n`);
    });
    return DocumentStore.open(folder);
  }

  /**
   * Opens a folder that `create` wrote.
   *
   * @throws {PropriaError} `NOT_FOUND`; `STORE` when the folder holds another format or files of other lengths.
   */
  static open(folder: string): DocumentStore {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Manifest;
      const offsets = new Float64Array(readAligned(join(folder, OFFSETS)));
      const ids = new Uint32Array(readAligned(join(folder, IDS)));
      const file = openSync(join(folder, DOCUMENTS), "r");
      const whole =
        offsets.length === manifest.size + 1 &&
        fstatSync(file).size === offsets.at(-1) &&
        ids.length === IdTable.slotsFor(manifest.size);
      if (manifest.format === FORMAT && whole) return new DocumentStore(folder, manifest, offsets, ids, file);
      closeSync(file);
    } catch (error) {
      const known = surroundingsError(error, folder);
      if (known !== error) throw known;
      throw new PropriaError("STORE", "no document store, or a damaged one", { at: folder, cause: error });
    }
    throw new PropriaError("STORE", "the document store is of another version or damaged", {
      at: folder,
      mend: "remove it and create it again",
    });
  }

  /** The document of a number from 0 to `size` − 1; reads its record from the disk. */
  at(index: number): Document {
    if (!Number.isInteger(index) || index < 0 || index >= this.size)
      throw new RangeError(`document ${index} of ${this.size}`);
    if (!this.#open) throw new Error(`the document store ${this.folder} is closed`);
    const start = this.#offsets[index]!;
    const record = Buffer.allocUnsafe(this.#offsets[index + 1]! - start);
    for (let read = 0; read < record.length; ) {
      const count = readSync(this.#file, record, read, record.length - read, start + read);
      if (count === 0)
        throw new PropriaError("STORE", "the documents end too early", { at: join(this.folder, DOCUMENTS) });
      read += count;
    }
    const {
      _id: id,
      title,
      text,
    } = JSON.parse(record.toString("utf8")) as { _id: string; title: string; text: string };
    return { id, title, text };
  }

  /** The number of a document, by its id; reads one or two records. */
  indexOf(id: string): number | undefined {
    return this.#ids.find(id, (index) => this.at(index).id === id);
  }

  /** All documents in order, as a corpus has them. */
  async *documents(): AsyncGenerator<Document> {
    if (this.size > 0) yield* readDocuments([join(this.folder, DOCUMENTS)]);
  }

  /** Closes the file; `at` and `indexOf` throw from then on. */
  close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }
}

interface Manifest {
  format: number;
  size: number;
  hash: string;
}

const LARGEST_LOAD = 0.5; // of the slots; higher makes probes long

/** Document numbers by the hash of their id: open addressing, linear probing; a slot holds number + 1, 0 is free. Invariant: some slot is free. */
class IdTable {
  readonly #slots: Uint32Array;

  constructor(slots: Uint32Array) {
    this.#slots = slots;
  }

  /** A power of two, so that a mask takes the place of a division. */
  static slotsFor(size: number): number {
    let count = 8;
    while (size > count * LARGEST_LOAD) count *= 2;
    return count;
  }

  static of(ids: Iterable<string>, size: number): Uint32Array {
    const count = IdTable.slotsFor(size);
    const slots = new Uint32Array(count);
    let index = 0;
    for (const id of ids) {
      let slot = fnv1a(id) & (count - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (count - 1);
      slots[slot] = ++index;
    }
    return slots;
  }

  find(id: string, isIt: (index: number) => boolean): number | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = fnv1a(id) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]! - 1;
      if (isIt(index)) return index;
    }
    return undefined;
  }
}

/** FNV-1a, 32 bits, over UTF-16 units, with a last stir because the table takes the low bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b); // MurmurHash3's finalizer
  return (hash ^ (hash >>> 13)) >>> 0;
}

const bytesOf = (array: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** A copy at the start of a buffer of its own: small reads lie anywhere in Node's pool. */
function readAligned(path: string): ArrayBuffer {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
