/** `@propria/dense-index/testing`: the contract that every kind of index keeps, as a suite for vitest. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { compareDocumentIds, type ScoredDocument } from "@propria/metrics";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { DenseIndex, Similarity } from "./dense-index.ts";
import { openIndex } from "./open-index.ts";
import type { Space } from "./space.ts";

/** What the suite asks an index to be. */
export interface MakeOptions {
  dimensions: number;
  similarity: Similarity;
  space?: Space;
}

/** What may be expected of the index. */
export interface ContractOptions {
  /** Whether it finds the best, in the right order; else it must find most of them. */
  exact: boolean;
  /** Whether documents can be deleted; else `delete` must say `UNSUPPORTED`. */
  deletes: boolean;
  /** Of one that is not exact: the least share of the 10 best that it finds; default 0.9. */
  recall?: number;
  /** How far a score may be from the product in double precision, as a share of the product of the two lengths; default 1e-6. */
  tolerance?: number;
}

const DIMENSIONS = 16;
const DOCUMENTS = 700;
const QUERIES = 20;
const SPACE: Space = { pooling: "mean", maxTokens: 128 };
/** Ids that a careless format would lose: quotes, a zero, emoji, halves of pairs. */
const STRANGE_IDS = ['"', "\0", "\\u0041", "😀", "\ud83d", "\ude00", "\u00e9", "e\u0301", "null", "__proto__"];

/**
 * Declares the tests; call it in a `describe`.
 *
 * @param name For a temporary folder.
 * @param make An empty index; it is released by the suite.
 */
export function testDenseIndex(
  name: string,
  make: (options: MakeOptions) => Promise<DenseIndex>,
  { exact, deletes, recall = 0.9, tolerance = 1e-6 }: ContractOptions,
): void {
  const opened: DenseIndex[] = [];
  const kept = async (index: Promise<DenseIndex>): Promise<DenseIndex> => {
    opened.push(await index);
    return opened.at(-1)!;
  };
  const empty = (similarity: Similarity = "dot") => kept(make({ dimensions: DIMENSIONS, similarity, space: SPACE }));
  const filled = async (similarity: Similarity = "dot"): Promise<DenseIndex> => {
    const index = await empty(similarity);
    await index.add(ids, documents);
    return index;
  };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `propria-${name.replace(/\W/g, "-")}-`));
  });
  afterEach(async () => {
    for (const index of opened.splice(0)) await index.release();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ids = Array.from({ length: DOCUMENTS }, (_, i) => STRANGE_IDS[i] ?? `d${i}`);
  const documents = clustered(DOCUMENTS, 1);
  const queries = clustered(QUERIES, 2);
  const query = (i: number): Float32Array => queries.slice(i * DIMENSIONS, (i + 1) * DIMENSIONS);

  it.each(["dot", "cosine"] as const)("finds the best documents by %s", async (similarity) => {
    const index = await filled(similarity);
    expect(index).toMatchObject({ size: DOCUMENTS, dimensions: DIMENSIONS, similarity, space: SPACE });
    const found = await index.search(queries, { depth: 10 });
    let hits = 0;
    for (const [i, documentsFound] of found.entries()) {
      const all = allScores(query(i), documents, ids, similarity);
      const wanted = all.slice(0, 10);
      if (exact) expect(documentsFound.map(idOf)).toEqual(wanted.map(idOf));
      const scores = new Map(all.map((each) => [each.documentId, each]));
      for (const { documentId, score } of documentsFound) {
        const expected = scores.get(documentId)!;
        expect(Math.abs(score - expected.score)).toBeLessThanOrEqual(tolerance * expected.most);
      }
      hits += wanted.filter(({ documentId }) => documentsFound.some((each) => each.documentId === documentId)).length;
      expect(documentsFound).toEqual([...documentsFound].sort(byRank));
    }
    expect(hits / (10 * QUERIES)).toBeGreaterThanOrEqual(exact ? 1 : recall);
  });

  it("gives a query the same answer alone and among others", async () => {
    const index = await filled();
    const together = await index.search(queries, { depth: 7 });
    for (const i of [0, 3, QUERIES - 1]) {
      const [alone] = await index.search(query(i), { depth: 7 });
      expect(alone!.map(idOf)).toEqual(together[i]!.map(idOf));
      for (const [rank, { score }] of alone!.entries()) expect(score).toBeCloseTo(together[i]![rank]!.score, 5);
    }
  });

  it("breaks ties by document id, descending, by code points", async () => {
    const index = await empty();
    const same = ["b", "a", "!", "\uffff", "😀", "c"];
    await index.add(
      ids.map((id) => `z${id}`),
      documents,
    );
    await index.add(same, repeated(scaled(query(0), 10), same.length)); // ahead of all others
    const [found] = await index.search(query(0), { depth: 6 });
    expect(found!.map(idOf)).toEqual(["😀", "\uffff", "c", "b", "a", "!"]);
    if (exact) expect((await index.search(query(0), { depth: 2 }))[0]!.map(idOf)).toEqual(["😀", "\uffff"]);
  });

  it("gives all there are where more are asked for, and none of an empty index", async () => {
    const index = await empty();
    expect(await index.search(queries, { depth: 3 })).toEqual(Array.from({ length: QUERIES }, () => []));
    expect(await index.search(new Float32Array(0), { depth: 3 })).toEqual([]);
    await index.add([], new Float32Array(0));
    await index.add(ids, documents);
    const [found] = await index.search(query(1), { depth: DOCUMENTS + 50 });
    expect(new Set(found!.map(idOf)).size).toBe(found!.length);
    if (exact) expect(found).toHaveLength(DOCUMENTS);
    else expect(found!.length).toBeLessThanOrEqual(DOCUMENTS);
  });

  it("takes documents in several additions as in one, and calls that do not wait for each other", async () => {
    const [whole, parts] = [await filled(), await empty()];
    const half = DOCUMENTS / 2;
    const added = [
      parts.add(ids.slice(0, half), documents.slice(0, half * DIMENSIONS)),
      parts.add(ids.slice(half), documents.slice(half * DIMENSIONS)),
    ];
    const found = await parts.search(queries, { depth: 5 });
    await Promise.all(added);
    const wanted = await whole.search(queries, { depth: 5 });
    expect(shared(found, wanted)).toBeGreaterThanOrEqual(exact ? 1 : recall - 0.1);
  });

  it("keeps nothing of the caller's arrays", async () => {
    const index = await empty();
    const vectors = documents.slice();
    const adding = index.add(ids, vectors);
    vectors.fill(0);
    await adding;
    const own = queries.slice();
    const searching = index.search(own, { depth: 5 });
    own.fill(0);
    const wanted = await (await filled()).search(queries, { depth: 5 });
    expect(shared(await searching, wanted)).toBeGreaterThanOrEqual(exact ? 1 : recall - 0.1);
  });

  it("gives a vector of zeros score 0, and by cosine heeds no length", async () => {
    const index = await filled("cosine");
    await index.add(["zeros"], new Float32Array(DIMENSIONS));
    const [near, far] = [
      await index.search(query(2), { depth: 9 }),
      await index.search(scaled(query(2), 1000), { depth: 9 }),
    ];
    expect(far[0]!.map(idOf)).toEqual(near[0]!.map(idOf));
    for (const { score } of near[0]!) expect(Math.abs(score)).toBeLessThanOrEqual(1 + tolerance);
    const [all] = await index.search(query(2), { depth: DOCUMENTS + 1 });
    const zeros = all!.find(({ documentId }) => documentId === "zeros");
    if (exact) expect(zeros?.score).toBe(0);
    const [none] = await index.search(new Float32Array(DIMENSIONS), { depth: 3 });
    for (const { score } of none!) expect(Math.abs(score)).toBeLessThanOrEqual(tolerance);
  });

  it("refuses what has no meaning, and stays as it was", async () => {
    const index = await filled();
    const one = new Float32Array(DIMENSIONS);
    const refusals: [Promise<unknown>, string][] = [
      [index.add(["d20"], one), "DUPLICATE_ID"],
      [index.add(["new", "new"], new Float32Array(2 * DIMENSIONS)), "DUPLICATE_ID"],
      ...["", "two words", "two\nlines", "tab\t", "#1"].map((id): [Promise<unknown>, string] => [
        index.add([id], one),
        "ID_SPACE",
      ]),
      [index.add(["new"], one.slice(1)), "DIMENSIONS"],
      [index.add(["new", "newer"], one), "DIMENSIONS"],
      [
        index.add(
          ["new"],
          one.map(() => Number.NaN),
        ),
        "NOT_FINITE",
      ],
      [
        index.add(
          ["new"],
          one.map(() => Number.POSITIVE_INFINITY),
        ),
        "NOT_FINITE",
      ],
      [
        index.add(
          ["new"],
          one.map(() => 3e38),
        ),
        "NOT_FINITE",
      ],
      [index.search(one.slice(1), { depth: 1 }), "DIMENSIONS"],
      [
        index.search(
          one.map(() => Number.NaN),
          { depth: 1 },
        ),
        "NOT_FINITE",
      ],
      [index.search(one, { depth: 0 }), "DEPTH"],
      [index.search(one, { depth: 1.5 }), "DEPTH"],
      [index.search(one, { depth: Number.NaN }), "DEPTH"],
    ];
    for (const [refused, code] of refusals) await expect(refused).rejects.toMatchObject({ code });
    expect(index.size).toBe(DOCUMENTS);
    await index.add(["new"], one);
    expect(index.size).toBe(DOCUMENTS + 1);
  });

  if (deletes) {
    it("finds deleted documents no more, and takes them again", async () => {
      const index = await filled();
      const gone = new Set<string>();
      for (let i = 0; i < 5; i++)
        for (const { documentId } of (await index.search(query(i), { depth: 6 }))[0]!) gone.add(documentId);
      expect(await index.delete([...gone, "nobody", [...gone][0]!])).toBe(gone.size);
      expect(index.size).toBe(DOCUMENTS - gone.size);
      expect(await index.delete([...gone])).toBe(0);
      const left = ids.map((id, i) => [id, i] as const).filter(([id]) => !gone.has(id));
      const remaining = rowsAt(
        documents,
        left.map(([, i]) => i),
      );
      for (let i = 0; i < 5; i++) {
        const [found] = await index.search(query(i), { depth: 10 });
        expect(found!.filter(({ documentId }) => gone.has(documentId))).toEqual([]);
        expect(found).toHaveLength(10);
        const wanted = allScores(
          query(i),
          remaining,
          left.map(([id]) => id),
          "dot",
        ).slice(0, 10);
        if (exact) expect(found!.map(idOf)).toEqual(wanted.map(idOf));
      }
      const again = [...gone];
      await index.add(
        again,
        rowsAt(
          documents,
          again.map((id) => ids.indexOf(id)),
        ),
      );
      expect(index.size).toBe(DOCUMENTS);
      const wanted = await (await filled()).search(queries, { depth: 5 });
      expect(shared(await index.search(queries, { depth: 5 }), wanted)).toBeGreaterThanOrEqual(
        exact ? 1 : recall - 0.1,
      );
    });

    it("can be emptied and filled", async () => {
      const index = await filled();
      await index.search(queries, { depth: 1 });
      expect(await index.delete(ids)).toBe(DOCUMENTS);
      expect([index.size, await index.search(query(0), { depth: 4 })]).toEqual([0, [[]]]);
      await index.add(ids.slice(0, 300), documents.slice(0, 300 * DIMENSIONS));
      const [found] = await index.search(query(0), { depth: 3 });
      expect(found).toHaveLength(3);
      if (exact)
        expect(found!.map(idOf)).toEqual(
          allScores(query(0), documents, ids.slice(0, 300), "dot").slice(0, 3).map(idOf),
        );
    });
  } else {
    it("says that it cannot delete", async () => {
      await expect((await filled()).delete(["d20"])).rejects.toMatchObject({ code: "UNSUPPORTED" });
    });
  }

  it("is the same after it was saved and opened, and goes on from there", async () => {
    const index = await filled();
    if (deletes) await index.delete(ids.slice(100, 140));
    const path = join(folder, "saved");
    await index.save(path);
    const again = await kept(openIndex(path, { space: SPACE }));
    expect(again.info()).toMatchObject({ kind: index.kind, size: index.size, similarity: "dot", space: SPACE });
    expect(again.info().spaceHash).toBe(index.info().spaceHash);
    expect(await again.search(queries, { depth: 12 })).toEqual(await index.search(queries, { depth: 12 }));
    await again.add(["later"], scaled(query(4), 10));
    expect((await again.search(query(4), { depth: 1 }))[0]!.map(idOf)).toEqual(["later"]);
    await again.save(path); // over the one it came from
    const third = await kept(openIndex(path));
    expect((await third.search(query(4), { depth: 1 }))[0]!.map(idOf)).toEqual(["later"]);
    expect(readdirSync(path).sort()).toEqual(["data-2", "manifest.json"]);
  });

  it("says where it cannot be saved, leaves what is there, and is of use as before", async () => {
    const index = await filled();
    const file = join(folder, "a-file");
    writeFileSync(file, "precious");
    for (const path of [file, join(file, "index")])
      await expect(index.save(path)).rejects.toMatchObject({
        code: expect.stringMatching(/^(NOT_FOUND|NOT_A_FOLDER|OUT_EXISTS)$/),
        message: expect.stringMatching(/^[^\n]*a-file[^\n]*$/),
      });
    expect(readFileSync(file, "utf8")).toBe("precious");
    const path = join(folder, "made", "on", "the", "way");
    await index.save(path);
    const again = await kept(openIndex(path));
    expect(await again.search(queries, { depth: 5 })).toEqual(await index.search(queries, { depth: 5 }));
  });

  it("saves an empty index", async () => {
    const path = join(folder, "empty");
    await (await empty()).save(path);
    const again = await kept(openIndex(path));
    expect(await again.search(query(0), { depth: 2 })).toEqual([[]]);
    await again.add(ids, documents);
    expect((await again.search(query(0), { depth: 2 }))[0]).toHaveLength(2);
  });

  it("tells damage in any file in one line, and another space", async () => {
    const path = join(folder, "damaged");
    await (await filled()).save(path);
    const data = join(path, "data-1");
    for (const file of [join(path, "manifest.json"), ...readdirSync(data).map((each) => join(data, each))]) {
      const whole = readFileSync(file);
      const refused = async (): Promise<void> => {
        const error: unknown = await openIndex(path).catch((reason: unknown) => reason);
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(DAMAGED|NOT_AN_INDEX|NOT_FOUND)$/),
          at: expect.stringContaining(path),
        });
        expect((error as Error).message).not.toMatch(/\n/);
        writeFileSync(file, whole);
      };
      truncateSync(file, Math.floor(statSync(file).size / 2));
      await refused();
      writeFileSync(file, "something else");
      await refused();
      rmSync(file);
      await refused();
      if (file.includes("data-1")) {
        const flipped = Uint8Array.from(whole);
        flipped[flipped.length >> 1]! ^= 1;
        writeFileSync(file, flipped);
        await refused();
      }
    }
    await kept(openIndex(path));
    await expect(openIndex(path, { space: { ...SPACE, maxTokens: 64 } })).rejects.toMatchObject({
      code: "SPACE_MISMATCH",
      message: expect.stringMatching(/maxTokens is 128, expected 64/),
    });
  });

  it("is of no use after its release, which may come twice", async () => {
    const index = await filled();
    await index.release();
    await index.release();
    await expect(index.search(query(0), { depth: 1 })).rejects.toMatchObject({ code: "RELEASED" });
  });
}

const idOf = ({ documentId }: ScoredDocument): string => documentId;

const byRank = (a: ScoredDocument, b: ScoredDocument): number =>
  b.score - a.score || compareDocumentIds(b.documentId, a.documentId);

/** Vectors around a few centres, not too near: the same for the same number. */
function clustered(count: number, number: number): Float32Array {
  const centres = seeded(7, "dense-index", "centres");
  const middle = Float64Array.from({ length: 12 * DIMENSIONS }, () => normal(centres));
  const random = seeded(7, "dense-index", number);
  return Float32Array.from({ length: count * DIMENSIONS }, (_, i) => {
    const centre = (Math.floor(i / DIMENSIONS) * 5) % 12;
    return middle[centre * DIMENSIONS + (i % DIMENSIONS)]! + normal(random);
  });
}

/** Near enough to a normal deviate: six uniform ones. */
const normal = (random: () => number): number => {
  let sum = -3;
  for (let i = 0; i < 6; i++) sum += random();
  return sum * Math.SQRT2;
};

const scaled = (vector: Float32Array, factor: number): Float32Array => vector.map((each) => each * factor);

function repeated(vector: Float32Array, times: number): Float32Array {
  const all = new Float32Array(vector.length * times);
  for (let i = 0; i < times; i++) all.set(vector, i * vector.length);
  return all;
}

function rowsAt(vectors: Float32Array, rows: readonly number[]): Float32Array {
  const some = new Float32Array(rows.length * DIMENSIONS);
  for (const [i, row] of rows.entries())
    some.set(vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS), i * DIMENSIONS);
  return some;
}

/** Every document with its score in double precision, and the most that could be with vectors of these lengths; best first. */
function allScores(
  query: Float32Array,
  vectors: Float32Array,
  ids: readonly string[],
  similarity: Similarity,
): (ScoredDocument & { most: number })[] {
  const length = (vector: Float32Array): number => Math.sqrt(dot(vector, vector));
  return ids
    .map((documentId, row) => {
      const vector = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
      const most = similarity === "cosine" ? 1 : length(query) * length(vector);
      return { documentId, score: (dot(query, vector) * most) / (length(query) * length(vector)), most };
    })
    .sort(byRank);
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, each, i) => sum + each * b[i]!, 0);

/** The share of wanted documents that were found. */
function shared(found: readonly ScoredDocument[][], wanted: readonly ScoredDocument[][]): number {
  let [hits, all] = [0, 0];
  for (const [i, documents] of wanted.entries()) {
    const those = new Set(found[i]!.map(idOf));
    hits += documents.filter(({ documentId }) => those.has(documentId)).length;
    all += documents.length;
  }
  return hits / all;
}
