import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { surroundingsError } from "@propria/base";

/** A package that npm installed. */
export interface InstalledPackage {
  /** From its package.json. */
  name: string;
  folder: string;
  /** Empty where there is none. */
  description: string;
}

/**
 * The packages under a `node_modules` folder, those in nested `node_modules` too, by name: of several with one name, the one
 * nearest to the top. Links to folders outside (a workspace's own packages) were not installed and are left out.
 *
 * @returns Sorted by name (UTF-16 units), and how many entries could not be read: no package.json, or a damaged one.
 * @throws {PropriaError} `NOT_FOUND` when there is no such folder.
 */
export async function installedPackages(root: string): Promise<{ packages: InstalledPackage[]; unreadable: number }> {
  const byName = new Map<string, InstalledPackage>();
  const top = await realpath(root).catch((error: unknown) => Promise.reject(surroundingsError(error, root)));
  const visited = new Set<string>(); // links may lead back
  let unreadable = 0;
  for (let level = [top]; level.length > 0; ) {
    const next: string[] = [];
    for (const modules of level) {
      const { folders, links } = await packageFolders(modules, top);
      unreadable += links;
      for (const folder of folders) {
        if (visited.has(folder)) continue;
        visited.add(folder);
        const found = await readPackage(folder);
        if (!found) unreadable++;
        else if (!byName.has(found.name)) byName.set(found.name, found);
        next.push(join(folder, "node_modules"));
      }
    }
    level = next;
  }
  const packages = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { packages, unreadable };
}

/** Folders of one `node_modules`, scopes entered, in the order of their names; `links` counts those that lead nowhere. */
async function packageFolders(modules: string, top: string): Promise<{ folders: string[]; links: number }> {
  const folders: string[] = [];
  let links = 0;
  for (const entry of await entriesOf(modules)) {
    if (entry.name.startsWith(".")) continue; // .bin, .cache, .package-lock.json
    const path = join(modules, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined) links++;
      else if (target.startsWith(top + sep)) folders.push(target);
    } else if (entry.isDirectory() && entry.name.startsWith("@")) {
      const scope = await packageFolders(path, top);
      folders.push(...scope.folders);
      links += scope.links;
    } else if (entry.isDirectory()) folders.push(path);
  }
  return { folders, links };
}

async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return [];
    throw error;
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readPackage(folder: string): Promise<InstalledPackage | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const { name, description } = manifest as { name?: unknown; description?: unknown };
    return {
      name: typeof name === "string" && name !== "" ? name : basename(folder),
      folder,
      description: typeof description === "string" ? description : "",
    };
  } catch {
    return undefined; // counted by the caller
  }
}
