import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecipe } from "./recipe.ts";
import { keepNote } from "./stage-note.ts";

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "stage-note-"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

describe("keepNote", () => {
  it("takes a note whose members stand in another order for the same, and names the first that differs", async () => {
    const [stage] = readRecipe([{ name: "first" }]);
    const keep = (options: Record<string, number>) => keepNote(out, stage!, { options, collection: { corpus: "c" } });
    await keep({ batch: 8, epochs: 3 });
    await mkdir(join(out, "first"));
    await writeFile(join(out, "first-negatives.jsonl.gz"), "mined");
    await keep({ epochs: 3, batch: 8 });
    expect(await readFile(join(out, "first-negatives.jsonl.gz"), "utf8")).toBe("mined");
    await expect(keep({ epochs: 2, batch: 8 })).rejects.toMatchObject({ code: "STAGE_CHANGED" });
    await expect(keep({ batch: 8 })).rejects.toThrow("was begun with other epochs");
  });
});
