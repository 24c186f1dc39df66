import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Of Node, and of the packages whose code decides the numbers. */
export function versions(): { [name: string]: string } {
  const { resolve } = createRequire(import.meta.url);
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
  const ours = ["@propria/objectives", "@propria/rankers", "@propria/dense-index"];
  return { node: process.version, ...Object.fromEntries(ours.map((name) => [name, versionOf(name)])) };
}
