import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { builtIn, builtInObjectives } from "./built-in.ts";

const source = fileURLToPath(new URL(".", import.meta.url));
const folders = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "toolkit")
  .map((entry) => entry.name);

describe("built-in objectives", () => {
  it("are the folders", () => {
    expect(builtInObjectives()).toEqual(folders.sort());
  });

  it.each(builtInObjectives())("%s is called as its folder", async (name) => {
    expect((await builtIn(name))?.name).toBe(name);
  });

  it.each(folders)("%s imports what a user can: its own folder, the toolkit, define-objective, packages", (folder) => {
    const files = readdirSync(`${source}${folder}`).filter((file) => !file.endsWith(".test.ts"));
    const imported = files.flatMap((file) =>
      [...readFileSync(`${source}${folder}/${file}`, "utf8").matchAll(/from "([^"]+)"/g)].map((match) => match[1]!),
    );
    const allowed =
      /^(\.\/[^/]+\.ts|\.\.\/toolkit\/index\.ts|\.\.\/define-objective\.ts|node:\w+|zod|@tensorflow\/tfjs-core|@propria\/[a-z-]+)$/;
    expect(imported.filter((specifier) => !allowed.test(specifier))).toEqual([]);
  });

  it("are named nowhere outside their folders but in the list", () => {
    const files = readdirSync(source).filter((file) => /(?<!test)\.ts$/.test(file) && !file.includes(".test"));
    const naming = files.filter((file) => {
      const code = readFileSync(source + file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      return folders.some((name) => new RegExp(`["'\`./]${name}["'\`/]`).test(code));
    });
    expect(naming).toEqual(["built-in.ts"]);
  });
});
