/**
 * The safetensors format: 8 bytes of header length, a JSON header, and the tensors one after another, little-endian.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
import { access, type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { z } from "zod";
import { type HostParameter, type HostParameters, sizeOf } from "../host-parameters.ts";
import { diskError } from "./disk-error.ts";
import { fromBfloat16, fromFloat16 } from "./half.ts";
import { unreadable } from "./unreadable.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** Free text by key; files from PyTorch say `format: "pt"`. */
  metadata: Readonly<Record<string, string>>;
  /** The tensors that are F32, F16 or BF16, as float32. */
  tensors: HostParameters;
  /** The type of every other tensor (`I64`, `BOOL`, …): these are not read. */
  others: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000; // the format's own limit
const CHUNK_BYTES = 2 ** 26; // one read; the operating system allows at most 2³¹ − 1
const ALIGNMENT_BYTES = 8; // the header is padded with spaces to this, as by the format's own writer

/** Bits of an element of each type of the format. */
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
};

const FLOATS: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array>> = {
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => fromFloat16(new Uint16Array(bytes)),
  BF16: (bytes) => fromBfloat16(new Uint16Array(bytes)),
};

const offset = z.number().int().nonnegative();
const entrySchema = z.object({ dtype: z.string(), shape: z.array(offset), data_offsets: z.tuple([offset, offset]) });
const metadataSchema = z.record(z.string(), z.string());
type Entry = z.output<typeof entrySchema>;

/**
 * Reads a safetensors file, one tensor at a time.
 *
 * @throws {PropriaError} `SAFETENSORS` when it cannot be read, is truncated, or its header is not sound: no JSON, an
 *   unknown type, offsets that overlap, leave holes, or do not fit the shape.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable("SAFETENSORS", path, cause);
  });
  try {
    const { metadata, entries, dataStart } = await readHeader(file, path);
    const tensors: Record<string, HostParameter> = {};
    const others: Record<string, string> = {};
    for (const [name, { dtype, shape, data_offsets }] of entries) {
      const [begin, end] = data_offsets;
      const convert = FLOATS[dtype];
      if (convert)
        tensors[name] = { shape, data: convert(await readBytes(file, dataStart + begin, end - begin, path)) };
      else others[name] = dtype;
    }
    return { metadata, tensors, others };
  } finally {
    await file.close();
  }
}

async function readHeader(file: FileHandle, path: string) {
  const { size } = await file.stat();
  const fail = (what: string, mend?: string): never => {
    throw new PropriaError("SAFETENSORS", what, { at: path, ...(mend && { mend }) });
  };
  if (size < LENGTH_BYTES) fail(`is not a safetensors file: ${size} bytes`);
  const length = Number(new DataView(await readBytes(file, 0, LENGTH_BYTES, path)).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) fail(`is not a safetensors file: a header of ${length} bytes`);
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > size) fail(`is truncated: a header of ${length} bytes in a file of ${size}`, "copy it again");

  const header = parseHeader(Buffer.from(await readBytes(file, LENGTH_BYTES, length, path)).toString("utf8"), fail);
  const entries = Object.entries(header.tensors).sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let expected = 0;
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets;
    const bits = BITS[dtype] ?? fail(`tensor ${name} has the unknown type ${dtype}`);
    const bytes = (sizeOf(shape) * bits) / 8;
    if (end - begin !== bytes)
      fail(`tensor ${name} is ${dtype} [${shape}], ${bytes} bytes, and its offsets span ${end - begin}`);
    if (begin !== expected) fail(`tensor ${name} starts at byte ${begin} of the data, expected ${expected}`);
    expected = end;
  }
  const found = size - dataStart;
  if (found < expected) fail(`is truncated: ${found} bytes of data, expected ${expected}`, "copy it again");
  if (found > expected) fail(`has ${found - expected} bytes after its last tensor`, "copy it again");
  return { metadata: header.metadata, entries, dataStart };
}

function parseHeader(text: string, fail: (what: string) => never) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return fail(`its header is not JSON: ${(cause as Error).message}`);
  }
  const { __metadata__ = {}, ...rest } = (parsed ?? {}) as Record<string, unknown>;
  const metadata = metadataSchema.safeParse(__metadata__);
  const tensors = z.record(z.string(), entrySchema).safeParse(rest);
  if (!metadata.success) return fail(`its metadata are not texts: ${z.prettifyError(metadata.error)}`);
  if (!tensors.success) return fail(`its header is not sound: ${z.prettifyError(tensors.error)}`);
  return { metadata: metadata.data, tensors: tensors.data as Record<string, Entry> };
}

async function readBytes(file: FileHandle, start: number, length: number, path: string): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(CHUNK_BYTES, length - done), start + done);
    if (bytesRead === 0) throw new PropriaError("SAFETENSORS", "became shorter while it was read", { at: path });
    done += bytesRead;
  }
  return bytes.buffer;
}

/**
 * Writes tensors as F32, in their order: beside the file, flushed to the disk, and renamed. No copy of the data is made,
 * so they may be views of memory that is larger than the process can copy.
 *
 * @param metadata Free text by key; `format: "pt"`, which `transformers` wants, unless it says otherwise.
 * @throws {PropriaError} `DISK` when the disk is full or the folder cannot be written; nothing is left behind.
 */
export async function writeSafetensors(
  path: string,
  tensors: HostParameters,
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  await access(dirname(path)).catch((cause: unknown) => Promise.reject(diskError(cause, path)));
  const parts = [...headerBytes(tensors, { format: "pt", ...metadata }), ...Object.values(tensors).map(bytesOf)];
  await writeFileAtomically(path, parts, { explain: diskError });
}

function headerBytes(tensors: HostParameters, metadata: Readonly<Record<string, string>>): Uint8Array[] {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  let begin = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (data.length !== sizeOf(shape)) throw new Error(`${name} is [${shape}] and holds ${data.length} numbers`);
    header[name] = { dtype: "F32", shape: [...shape], data_offsets: [begin, begin + data.byteLength] };
    begin += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const padded = Buffer.alloc(Math.ceil(text.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES, " ");
  text.copy(padded);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  return [length, padded];
}

const bytesOf = ({ data }: HostParameter) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
