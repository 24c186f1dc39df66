import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeRun } from "@propria/collection";
import { runTag } from "@propria/rankers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireSameSystems } from "./same-system.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "same-system-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let runs = 0;
async function tagged(...tags: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const tag of tags) {
    files.push(join(folder, `${runs++}.run.gz`));
    await writeRun(files.at(-1)!, new Map([["q", [{ documentId: "a", score: 1 }]]]), { tag });
  }
  return files;
}

describe("requireSameSystems", () => {
  const [one, another] = [runTag({ weights: "1" }), runTag({ weights: "2" })];

  it("takes runs of one space, and other systems whatever their tags", async () => {
    await requireSameSystems(await tagged("bm25", one, "theirs-test"), await tagged("bm25", one, "theirs-dev"));
  });

  it.each([
    ["another space", ["bm25", one], ["bm25", another], [1, 1]],
    ["another order", ["bm25", one], [one, "bm25"], [0, 0]],
  ])("refuses %s, and names both runs and their tags", async (_, tags, learnt, [i, j]) => {
    const [files, learnFrom] = [await tagged(...tags), await tagged(...learnt)];
    await expect(requireSameSystems(files, learnFrom)).rejects.toMatchObject({
      code: "SPACE_MISMATCH",
      at: learnFrom[j!],
      message: expect.stringContaining(
        `is tagged ${learnt[j!]}, and ${files[i!]} ${tags[i!]}: vectors of another space`,
      ),
    });
  });
});
