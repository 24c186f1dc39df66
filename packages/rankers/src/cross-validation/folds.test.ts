import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkFolds, cutFolds, readFolds } from "./folds.ts";

const ids = Array.from({ length: 23 }, (_, i) => `q${i}`);

describe("cutFolds", () => {
  it("puts every query in one fold, as evenly as can be", () => {
    const folds = cutFolds(ids, 5);
    expect(folds.map((fold) => fold.length)).toEqual([5, 5, 5, 4, 4]);
    expect(folds.flat().sort()).toEqual([...ids].sort());
  });

  it("is a function of the ids and the seed, not of their order", () => {
    expect(cutFolds(ids.toReversed(), 5)).toEqual(cutFolds(ids, 5));
    expect(cutFolds(ids, 5, 1)).not.toEqual(cutFolds(ids, 5));
  });

  it("refuses fewer than three folds, and more than there are queries", () => {
    for (const count of [2, 24, 3.5]) expect(() => cutFolds(ids, count)).toThrow(`${count} folds of 23 queries`);
  });
});

describe("readFolds", () => {
  it("reads lists of ids, and names a file that is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folds-"));
    const file = join(folder, "folds.json");
    await writeFile(file, '[["301", 302], ["303"], ["304"]]');
    expect(await readFolds(file)).toEqual([["301", "302"], ["303"], ["304"]]);
    for (const text of ["[[1,", '{"a": [1]}', "[1, 2, 3]"]) {
      await writeFile(file, text);
      await expect(readFolds(file)).rejects.toMatchObject({ code: "FOLDS", at: file });
    }
    await expect(readFolds(join(folder, "none"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await rm(folder, { recursive: true });
  });
});

describe("checkFolds", () => {
  it.each<[string, string[][], string]>([
    ["a query in two folds", [["a"], ["b"], ["c", "a"]], "query a is in the folds twice"],
    ["a query that is not judged", [["a"], ["b"], ["c", "d"]], "query d of the folds is not judged"],
    ["a judged query in no fold", [["a"], ["b"], []], "query c is judged, and in no fold"],
    ["an empty fold", [["a", "c"], ["b"], []], "fold 3 is empty"],
    ["two folds", [["a", "c"], ["b"]], "2 folds"],
  ])("names %s", (_, folds, message) => {
    expect(() => checkFolds(folds, new Set(["a", "b", "c"]), "here")).toThrow(`here: ${message}`);
  });
});
