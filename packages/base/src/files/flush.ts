/** From the caches of the system to the disk, where bytes and names outlive a power cut. */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Flushes a folder, the files in it and those in the folders below. */
export async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    else if (entry.isFile()) await flush(path, "r+");
  }
  await flushFolder(folder);
}

/** Flushes the names in a folder, without which a rename does not last; Windows cannot and need not. */
export async function flushFolder(folder: string): Promise<void> {
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
