import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folders, packageFolders, root, sources } from "./workspaces.ts";

const libraries = packageFolders().flatMap((name) => sources(`packages/${name}`));
const programs = folders("apps").flatMap((name) => sources(`apps/${name}`));
const code = (file: string) => readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
const having = (files: string[], pattern: RegExp) => files.filter((file) => pattern.test(code(file)));

describe("sources", () => {
  it("draw randomness from a seed and take the time as an argument", () => {
    expect(having(libraries, /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)/)).toEqual([]);
    expect(having(programs, /\bMath\.random\(/)).toEqual([]);
  });

  it("print nothing from a package", () => {
    expect(having(libraries, /\bconsole\.|process\.std(out|err)\.write/)).toEqual([]);
  });

  it("swallow no error", () => {
    expect(having([...libraries, ...programs], /catch\s*(\([^)]*\))?\s*\{\s*\}/)).toEqual([]);
  });

  it("live in folders and files named for what they hold", () => {
    expect(
      [...libraries, ...programs].filter((file) => /\/(utils?|helpers?|misc|common)(\/|\.ts$)/.test(file)),
    ).toEqual([]);
  });
});
