/** The demo's own folder, which a new run replaces. */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";

const MARKER = "made-by-propria-demo";

/**
 * Makes an empty folder for a demo. What an earlier demo left there is removed; anything else is not touched.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when there is something that no demo wrote.
 */
export async function demoFolder(path: string): Promise<void> {
  const ours = existsSync(join(path, MARKER));
  if (existsSync(path) && !ours && readdirSync(path).length > 0)
    throw new PropriaError("OUTPUT_EXISTS", "holds files that are no demo's", { at: path, mend: "name another --out" });
  if (ours) await rm(path, { recursive: true });
  await mkdir(path, { recursive: true });
  await writeFileAtomically(join(path, MARKER), "A new `propria demo` removes this folder with all that is in it.\n");
}
