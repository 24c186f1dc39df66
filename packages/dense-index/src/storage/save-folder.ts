/**
 * A folder that is replaced at one instant. A folder with files in it cannot be renamed over another one, so the data lie in a
 * folder of their own, which the manifest names: `manifest.json` and `data-7/`. A new state is written to `data-8/`, flushed, and
 * takes effect when a new manifest is renamed over the old one; then `data-7/` goes. Whatever a killed process left is not named by
 * the manifest, and the next writer removes it.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  isPropriaError,
  PropriaError,
  surroundingsError,
  writeFileAtomically,
  writeFolderAtomically,
} from "@propria/base";
import { MANIFEST_FILE, type Manifest, manifestText, readManifest } from "./manifest.ts";

const DATA = /^data-(\d+)(\.tmp)?$/;

/**
 * Writes a folder, or replaces one of the same format.
 *
 * @param fill Writes the data into the folder that it is given, and returns the manifest without `data`.
 * @throws {PropriaError} `OUT_EXISTS` when the folder holds something else; `DISK_FULL`, `NO_PERMISSION`; whatever `fill` throws.
 */
export async function saveFolder(folder: string, fill: (folder: string) => Promise<Manifest>): Promise<void> {
  const old = await existing(folder);
  if (old === undefined) {
    await writeFolderAtomically(folder, async (temporary) => {
      const data = join(temporary, "data-1");
      await mkdir(data);
      const manifest = await fill(data);
      await writeFile(join(temporary, MANIFEST_FILE), manifestText({ ...manifest, data: "data-1" }));
    });
    return;
  }
  await removeAllBut(folder, old);
  const next = `data-${Number(DATA.exec(old)![1]) + 1}`;
  let manifest: Manifest | undefined;
  await writeFolderAtomically(join(folder, next), async (temporary) => {
    manifest = await fill(temporary);
  });
  await writeFileAtomically(join(folder, MANIFEST_FILE), manifestText({ ...manifest!, data: next }));
  await removeAllBut(folder, next);
}

/** The folder of a manifest's data. */
export function dataFolder(folder: string, manifest: Manifest): string {
  if (typeof manifest.data === "string" && DATA.test(manifest.data)) return join(folder, manifest.data);
  throw new PropriaError("DAMAGED", "data is missing", { at: join(folder, MANIFEST_FILE) });
}

/** The name of the data folder in force; undefined when there is no folder or an empty one. */
async function existing(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw surroundingsError(error, folder);
  });
  if (entries.length === 0) return undefined;
  const manifest = await readManifest(folder, "propria-index").catch((cause: unknown) => {
    if (!isPropriaError(cause)) throw cause;
    throw new PropriaError("OUT_EXISTS", "the folder exists and is no index", {
      at: folder,
      mend: "choose another one, or remove it",
      cause,
    });
  });
  dataFolder(folder, manifest);
  return manifest.data as string;
}

async function removeAllBut(folder: string, data: string): Promise<void> {
  for (const entry of await readdir(folder))
    if (DATA.test(entry) && entry !== data) await rm(join(folder, entry), { recursive: true, force: true });
}
