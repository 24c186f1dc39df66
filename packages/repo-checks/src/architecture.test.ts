import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folders, manifest, ORDER, packageFolders, root, sources } from "./workspaces.ts";

const IMPORT =
  /^\s*(?:import|export)\b[^"';]*?from\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

describe("package order", () => {
  it("names every published package", () => {
    expect(packageFolders()).toEqual([...ORDER].sort());
  });

  it.each(ORDER)("%s depends only on packages before it", (name) => {
    const before = ORDER.slice(0, ORDER.indexOf(name)).map((each) => `@propria/${each}`);
    const used = Object.keys(manifest(`packages/${name}`).dependencies ?? {}).filter((each) =>
      each.startsWith("@propria/"),
    );
    expect(before).toEqual(expect.arrayContaining(used));
  });

  it.each(packageFolders())("packages/%s is called @propria/ and its folder's name", (folder) => {
    expect(manifest(`packages/${folder}`).name).toBe(`@propria/${folder}`);
  });
});

describe("imports", () => {
  const workspaces = [
    ...packageFolders().map((name) => `packages/${name}`),
    ...folders("apps").map((name) => `apps/${name}`),
  ];

  it.each(workspaces)("%s imports what its manifest declares, and declares what it imports", (workspace) => {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, name } = manifest(workspace);
    const imported = new Set(
      sources(workspace)
        .flatMap(importsOf)
        .filter((each) => each !== name),
    );
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    const testingOnly = ["vitest"]; // a contract suite runs in its user's vitest
    expect([...imported].filter((each) => !declared.includes(each) && !testingOnly.includes(each))).toEqual([]);
    expect(Object.keys(dependencies).filter((each) => !imported.has(each))).toEqual([]);
  });
});

/** The packages that a source file imports, without Node's own. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(IMPORT)]
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}
