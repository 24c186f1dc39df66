import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageFolders, root } from "./workspaces.ts";

const LONGEST_EXAMPLE_LINES = 20;
const EXAMPLE = /```js\n([\s\S]*?)```\s*```text\n([\s\S]*?)```/;

/** An empty folder of a user's, with our packages installed. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readme-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("package READMEs", () => {
  it.each(packageFolders())("%s prints what its README says", (name) => {
    const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
    const [, code, printed] = EXAMPLE.exec(readme) ?? [];
    expect(code, "a ```js block followed by a ```text block").toBeDefined();
    expect(code!.trimEnd().split("\n").length).toBeLessThanOrEqual(LONGEST_EXAMPLE_LINES);
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, code!);
    expect(execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" })).toBe(printed);
  });
});
