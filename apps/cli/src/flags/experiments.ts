/** Where experiments keep their results. */
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { text } from "./flag.ts";

/** Folder of the results that are committed. */
export const resultsFlag = text("DIR", "folder of results, NAME.json each; default: that of @propria/experiments");

/** The folder that the flag names. */
export function resultsFolder(given: string | undefined): string {
  if (given !== undefined) return given;
  const manifest = createRequire(import.meta.url).resolve("@propria/experiments/package.json");
  return relative(process.cwd(), join(dirname(manifest), "results")) || ".";
}
