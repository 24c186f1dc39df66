import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of a package.json that the checks read. */
export interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, string | Record<string, string | Record<string, string>>>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The repository's top folder. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The packages in the order in which they may depend on each other: arrows only point back along it. */
export const ORDER = [
  "base",
  "metrics",
  "collection",
  "tokenizer",
  "word-vectors",
  "lexical",
  "engine",
  "transformer-core",
  "adapters",
  "trainer",
  "rop-sampler",
  "objectives",
  "dense-index",
  "rankers",
] as const;

/** The folders of published packages. */
export const packageFolders = (): string[] =>
  folders("packages").filter((name) => !manifest(`packages/${name}`).private);

/** The manifest of a workspace, by its path from the top: `packages/metrics`. */
export const manifest = (workspace: string): Manifest =>
  JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")) as Manifest;

/** The names of the folders in a folder, by its path from the top. */
export const folders = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** The TypeScript files below a folder of a workspace, by their paths from the top; tests are left out. */
export function sources(workspace: string): string[] {
  return readdirSync(join(root, workspace, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|test-d)\.ts$/.test(file))
    .map((file) => join(workspace, "src", file))
    .sort();
}
