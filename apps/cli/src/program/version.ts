import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Version of the program: the one in its package.json, beside `src` and `dist`. */
export const version: string = readVersion();

function readVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const file = fileURLToPath(new URL(path, import.meta.url));
    try {
      const manifest = JSON.parse(readFileSync(file, "utf8")) as { name: string; version: string };
      if (manifest.name === "propria") return manifest.version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error("package.json of propria is not where it belongs");
}
