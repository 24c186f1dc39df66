import { describe, expect, it } from "vitest";
import { numberReader, plainIndex, SPACE } from "../../test/vectors.ts";
import { type Ranking, retrieve, searchIndex } from "./retrieve.ts";
import { runTag } from "./run-tag.ts";

const documents = new Map([
  ["north", [0, 1]],
  ["east", [1, 0]],
  ["north-east", [0.7, 0.7]],
  ["q2", [0, 1]],
]);
const queries = [
  { id: "q1", text: "1 0" },
  { id: "q2", text: "0 1" },
  { id: "q3", text: "1 1" },
];
const ids = ({ documents }: Pick<Ranking, "documents">) => documents.map(({ documentId }) => documentId);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("retrieve", () => {
  it("answers queries in their order, best first, block by block", async () => {
    const model = numberReader(2);
    const index = plainIndex(documents);
    const seen: number[] = [];
    const onProgress = ({ queries }: { queries: number }) => seen.push(queries);
    const rankings = await collect(retrieve(model, index, queries, { depth: 2, block: 2, onProgress }));
    expect(rankings.map(({ queryId }) => queryId)).toEqual(["q1", "q2", "q3"]);
    expect(rankings.map(ids)).toEqual([
      ["east", "north-east"],
      ["q2", "north"], // a tie: document id, descending
      ["north-east", "q2"],
    ]);
    expect([model.calls, index.blocks, seen]).toEqual([
      [2, 1],
      [2, 1],
      [2, 3],
    ]);
  });

  it("leaves the query's own document out when asked to, and puts another in its place", async () => {
    const [, own] = await collect(
      retrieve(numberReader(2), plainIndex(documents), queries, { depth: 2, dropSelf: true }),
    );
    expect(ids(own!)).toEqual(["north", "north-east"]);
  });

  it("reads no further than the block it works on", async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield { id: `q${read++}`, text: "1 0" };
    }
    for await (const { queryId } of retrieve(numberReader(2), plainIndex(documents), endless(), { block: 8 }))
      if (queryId === "q19") break;
    expect(read).toBe(24);
  });

  it.each([
    [{ ...SPACE, pooling: "mean" }, 'pooling is "mean", expected "cls"'],
    [{ ...SPACE, weights: "w2" }, 'weights is "w2", expected "w1"'],
  ])("refuses an index of another space before the first query: %j", async (space, what) => {
    const model = numberReader(2);
    const failing = collect(retrieve(model, plainIndex(documents, space), queries));
    await expect(failing).rejects.toMatchObject({ code: "SPACE_MISMATCH" });
    await expect(failing).rejects.toThrow(what);
    expect(model.calls).toEqual([]);
  });

  it("refuses an index that compares otherwise than the model was trained to, or has vectors of another length", async () => {
    const cosine = { ...SPACE, similarity: "cosine" };
    await expect(searchIndex(numberReader(2, cosine), plainIndex(documents, cosine), queries)).rejects.toThrow(
      "similarity is dot, the model's is cosine",
    );
    await expect(searchIndex(numberReader(3), plainIndex(documents), queries)).rejects.toThrow(
      "dimensions is 2, the model's is 3",
    );
    const unit = { ...cosine, normalize: true }; // then both are the same
    expect((await searchIndex(numberReader(2, unit), plainIndex(documents, unit), queries)).size).toBe(3);
  });

  it.each([{ depth: 0 }, { depth: 1.5 }, { block: 0 }, { block: Number.NaN }])("refuses %j", async (options) => {
    const failing = searchIndex(numberReader(2), plainIndex(documents), queries, options);
    await expect(failing).rejects.toMatchObject({ code: "RETRIEVAL_OPTION" });
  });
});

describe("searchIndex", () => {
  it("gives a run in the order of the queries", async () => {
    const run = await searchIndex(numberReader(2), plainIndex(documents), queries, { depth: 1 });
    expect([...run.keys()]).toEqual(["q1", "q2", "q3"]);
    expect(run.get("q1")).toEqual([{ documentId: "east", score: 1 }]);
  });

  it("refuses two queries of one id", async () => {
    const failing = searchIndex(numberReader(2), plainIndex(documents), [...queries, queries[0]!]);
    await expect(failing).rejects.toMatchObject({ code: "DUPLICATE_QUERY" });
  });
});

describe("runTag", () => {
  it("is short, equal for equal spaces, and another for other weights", () => {
    expect(runTag(SPACE)).toMatch(/^propria-[0-9a-f]{8}$/);
    expect(runTag(Object.fromEntries(Object.entries(SPACE).reverse()))).toBe(runTag(SPACE));
    expect(runTag({ ...SPACE, weights: "w2" })).not.toBe(runTag(SPACE));
  });
});
