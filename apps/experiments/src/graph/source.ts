/** Data that a person brings: a collection, a corpus, a checkpoint. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { PropriaError } from "@propria/base";
import type { FolderStep } from "./folder-step.ts";
import { defineStep } from "./step.ts";

/** Files or a folder as a step without work. Its key is a hash of their contents, wherever they lie. */
export const source = (name: string, path: string): FolderStep =>
  defineStep({
    name,
    kind: "source",
    version: 1,
    settings: { name },
    inputs: {},
    source: path,
    run: async () => ({ path: "." }),
  });

/** A file's hash as it was when it had this size and time of change. */
export type HashMemory = Record<string, { size: number; changed: number; hash: string }>;

/**
 * sha256 over the names and contents of a folder's files; those that begin with a dot, and README files, do not count.
 *
 * @param memory Hashes of files that were read before; what is new is added. Files of many gigabytes are read once.
 * @throws {PropriaError} `DATA_MISSING` when there is no such file or folder.
 */
export async function contentHash(path: string, memory: HashMemory): Promise<string> {
  const files = await filesBelow(path);
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${relative(path, file)}\n${await fileHash(file, memory)}\n`);
  return hash.digest("hex");
}

async function filesBelow(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new PropriaError("DATA_MISSING", "there is no such file or folder", {
      at: path,
      mend: "give the folder that holds the collections",
      cause,
    });
  });
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^(\.|README)/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function fileHash(file: string, memory: HashMemory): Promise<string> {
  const { size, mtimeMs: changed } = await stat(file);
  const known = memory[file];
  if (known && known.size === size && known.changed === changed) return known.hash;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const digest = hash.digest("hex");
  memory[file] = { size, changed, hash: digest };
  return digest;
}
