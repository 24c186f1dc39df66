/** What a folder says of itself: written last, so a folder with a manifest is whole. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, surroundingsError } from "@propria/base";
import type { Json, Space } from "../space.ts";
import type { StoredFile } from "./files.ts";

/** The file's name. */
export const MANIFEST_FILE = "manifest.json";

/** What every manifest has, of an index as of vectors. */
export interface Manifest {
  format: "propria-index" | "propria-vectors";
  version: 1;
  dimensions: number;
  space: Space | null;
  spaceHash: string | null;
  files: Record<string, StoredFile>;
  [more: string]: unknown;
}

/** The manifest's text. */
export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/**
 * Reads a manifest.
 *
 * @throws {PropriaError} `NOT_FOUND` without folder or manifest; `NOT_AN_INDEX` for another format or version; `DAMAGED`.
 */
export async function readManifest(folder: string, format: Manifest["format"]): Promise<Manifest> {
  const at = join(folder, MANIFEST_FILE);
  const mend = `give the folder that ${format === "propria-index" ? "an index was saved to" : "vectors were written to"}`;
  const text = await readFile(at, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw surroundingsError(error, at);
    throw new PropriaError("NOT_FOUND", `no folder with a ${MANIFEST_FILE}`, { at: folder, mend, cause: error });
  });
  let found: Partial<Manifest>;
  try {
    found = JSON.parse(text) as Partial<Manifest>;
  } catch (cause) {
    throw new PropriaError("DAMAGED", "this is no JSON", { at, mend: "make it again, or take a copy", cause });
  }
  if (found === null || typeof found !== "object" || found.format !== format)
    throw new PropriaError("NOT_AN_INDEX", `expected a folder of the format ${format}, found ${shown(found?.format)}`, {
      at,
      mend,
    });
  if (found.version !== 1)
    throw new PropriaError("NOT_AN_INDEX", `version ${shown(found.version)}, this program reads version 1`, {
      at,
      mend: "use the program that wrote it, or make it again",
    });
  if (!isWhole(found))
    throw new PropriaError("DAMAGED", "fields are missing", { at, mend: "make it again, or take a copy" });
  return found;
}

const shown = (value: unknown): string => JSON.stringify(value) ?? "none";

function isWhole(manifest: Partial<Manifest>): manifest is Manifest {
  const { dimensions, files, space } = manifest;
  return (
    Number.isInteger(dimensions) &&
    dimensions! > 0 &&
    typeof space === "object" &&
    typeof files === "object" &&
    files !== null &&
    Object.values(files).every((file) => typeof file?.bytes === "number" && typeof file.sha256 === "string")
  );
}

/** A field of a manifest. */
export function field<T extends Json>(
  manifest: Manifest,
  name: string,
  folder: string,
  is: (value: unknown) => value is T,
): T {
  const value = manifest[name];
  if (is(value)) return value;
  throw new PropriaError("DAMAGED", `${name} is ${shown(value)}`, { at: join(folder, MANIFEST_FILE) });
}

/** The manifest's entry of a file. */
export function storedFile(manifest: Manifest, name: string, folder: string): StoredFile {
  const entry = manifest.files[name];
  if (entry) return entry;
  throw new PropriaError("DAMAGED", `${name} is not in the list of files`, { at: join(folder, MANIFEST_FILE) });
}
