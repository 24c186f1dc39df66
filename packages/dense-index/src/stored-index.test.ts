import { describe, expect, it } from "vitest";
import { DocumentTable } from "./documents/document-table.ts";
import type { IndexCore } from "./index-core.ts";
import { storedIndex } from "./stored-index.ts";

/** A core whose additions take what is said, and which remembers its rows. */
function core(put: IndexCore["put"]): IndexCore & { rows: number[][] } {
  const rows: number[][] = [];
  return {
    rows,
    reusesRows: true,
    bytes: 0,
    options: {},
    put: async (taken, vectors) => {
      rows.push([...taken]);
      await put(taken, vectors);
    },
    drop: async () => undefined,
    search: async (queries) => Array.from({ length: queries.length }, () => ({ rows: [0, 1, 2], scores: [1, 1, 2] })),
    save: async () => ({}),
    release: async () => undefined,
  };
}
const index = (made: IndexCore) =>
  storedIndex(
    { kind: "exact", dimensions: 1, similarity: "dot", space: undefined },
    new DocumentTable({ reuse: made.reusesRows }),
    made,
  );

describe("an index over a core", () => {
  it("fills holes before it makes new rows, and leaves holes out of what is found", async () => {
    const made = core(async () => undefined);
    const documents = index(made);
    await documents.add(["a", "b", "c"], new Float32Array(3));
    await documents.delete(["c", "a"]);
    expect(await documents.search(new Float32Array(1), { depth: 5 })).toEqual([[{ documentId: "b", score: 1 }]]);
    await documents.add(["d"], new Float32Array(1));
    await documents.add(["e", "f"], new Float32Array(2));
    expect(made.rows).toEqual([[0, 1, 2], [0], [2, 3]]);
    expect(await documents.search(new Float32Array(1), { depth: 2 })).toEqual([
      [
        { documentId: "e", score: 2 },
        { documentId: "d", score: 1 },
      ],
    ]);
  });

  it("is of no use after an addition that the core broke off", async () => {
    const documents = index(core(() => Promise.reject(new Error("out of memory"))));
    const waiting = [documents.add(["a"], new Float32Array(1)), documents.add(["b"], new Float32Array(1))];
    const [first, second] = await Promise.allSettled(waiting);
    expect(first).toMatchObject({ reason: { message: "out of memory" } });
    expect(second).toMatchObject({ reason: { code: "BROKEN" } });
    await expect(documents.save("anywhere")).rejects.toMatchObject({ code: "BROKEN" });
    expect(documents.size).toBe(0);
  });
});
