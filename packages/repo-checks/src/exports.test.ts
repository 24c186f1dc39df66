import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifest, packageFolders, root } from "./workspaces.ts";

describe.each(packageFolders())("packages/%s", (folder) => {
  const exported = manifest(`packages/${folder}`).exports ?? {};
  const entries = Object.keys(exported).filter((entry) => entry !== "./package.json");

  it("exports the names that the snapshot lists", async () => {
    const module = (await import(join(root, "packages", folder, "dist/index.js"))) as Record<string, unknown>;
    expect(Object.keys(module).sort()).toMatchSnapshot();
  });

  it("has every file that its exports name, but for types, after the build", () => {
    const files = entries.flatMap((entry) => filesOf(exported[entry]!)).filter((file) => !/\.d\.c?ts$/.test(file));
    expect(files.filter((file) => !existsSync(join(root, "packages", folder, file)))).toEqual([]);
  });

  it("explains each subpath in its README", () => {
    const readme = readFileSync(join(root, "packages", folder, "README.md"), "utf8");
    const subpaths = entries.filter((entry) => entry !== ".").map((entry) => `@propria/${folder}${entry.slice(1)}`);
    expect(subpaths.filter((subpath) => !readme.includes(subpath))).toEqual([]);
  });
});

type Target = string | { [condition: string]: Target };

const filesOf = (target: Target): string[] =>
  typeof target === "string" ? [target] : Object.values(target).flatMap(filesOf);
