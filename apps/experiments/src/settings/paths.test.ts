import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeToyData } from "../testing/toy.ts";
import { checkPaths, FULL_PATHS } from "./paths.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paths-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (text: string): string => {
  const file = join(folder, "paths.yaml");
  writeFileSync(file, text);
  return file;
};

describe("checkPaths", () => {
  it("says of each path whether it leads to what is wanted", async () => {
    writeToyData(folder);
    mkdirSync(join(folder, "empty"));
    const checks = await checkPaths(
      written(
        "wikipedia-en: toy-text\nmsmarco-passage: toy\ntrec-dl-2019-passage: toy\nbert: empty\nmsmarco-document: none\n",
      ),
    );
    const problems = Object.fromEntries(checks.map(({ name, ok, problem }) => [name, ok ? "ok" : problem]));
    expect(Object.keys(problems)).toEqual(Object.keys(FULL_PATHS));
    expect(problems).toMatchObject({
      "wikipedia-en": "ok",
      "trec-dl-2019-passage": "ok",
      "msmarco-passage": "has no split dev",
      "msmarco-document": "there is no such file or folder",
      "trec-dl-2019-document": expect.stringMatching(/^no path in .*paths\.yaml$/),
      bert: expect.stringMatching(/empty/),
    });
  });

  it("refuses a file that is not there, is no mapping, or names what it does not know", async () => {
    await expect(checkPaths(join(folder, "none.yaml"))).rejects.toThrow(
      /none\.yaml: there is no such file \(write one with bert, /,
    );
    await expect(checkPaths(written("- a\n"))).rejects.toThrow(/expected names with paths \(write: bert: FOLDER\)/);
    await expect(checkPaths(written("brt: x\n"))).rejects.toThrow(/no data is called "brt" \(did you mean bert\?\)/);
    await expect(checkPaths(written("bert: 3\n"))).rejects.toThrow(/the path of bert is no text/);
    await expect(checkPaths(written("bert: [x\n"))).rejects.toThrow(/is neither YAML nor JSON/);
  });
});
