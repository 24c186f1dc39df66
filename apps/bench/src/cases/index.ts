/** Nearest vectors, exact and by a graph, against faiss-cpu from Python on the same vectors. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createIndex, type DenseIndex, openIndex } from "@propria/dense-index";
import { type BenchCase, type CaseOptions, type Row, rowOf } from "../bench-case.ts";
import { PeerProcess } from "../peer-process.ts";

const DIMENSIONS = 384; // MiniLM's
const DOCUMENTS = 100_000;
const QUERIES = 1024;
/** Ours: as many links as faiss' HNSW32; bytes and a broader construction measured fastest at equal recall. */
const GRAPH = { connectivity: 32, efConstruction: 256, precision: "i8", candidates: 4 } as const;
const GRAPH_DEPTH = 10;
const LEAST_RECALL = 0.98;
/** Breadths of a graph search that are tried. */
const BREADTHS = Array.from({ length: 40 }, (_, i) => 16 * (i + 1));
const ADDED_AT_A_TIME = 10_000;
/** What is asked of a flat index in one measurement. */
const FLAT = [
  { name: "exact batch 64", batch: 64, batches: 8, depth: 100 },
  { name: "exact batch 1", batch: 1, batches: 40, depth: 100 },
];

type Answer = { seconds: number; labels: number[][] };

export const indexCase: BenchCase = {
  name: "index",
  description: "100,000 × 384 vectors, exact and HNSW, against faiss-cpu",
  async run(options: CaseOptions) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    const script = fileURLToPath(new URL("../peer/index.py", import.meta.url)); // from dist/
    const given = { documents: DOCUMENTS, queries: QUERIES, dimensions: DIMENSIONS, threads: options.threads };
    const peer = new PeerProcess(options.python, [script, folder, JSON.stringify(given)]);
    try {
      const { peer: name } = await peer.read<{ peer: string }>();
      const vectors = readVectors(join(folder, "documents.f32"));
      const queries = readVectors(join(folder, "queries.f32"));
      const measured = { options, peer, name, vectors, queries, folder };
      const exact = await createIndex({
        kind: "exact",
        dimensions: DIMENSIONS,
        similarity: "dot",
        threads: options.threads,
      });
      const rows = [
        await compareBuilds(measured, "exact build", "flat", exact),
        ...(await compareFlat(measured, exact)),
      ];
      const wanted = await exact.search(queries, { depth: GRAPH_DEPTH });
      await exact.release();
      rows.push(...(await compareGraphs(measured, wanted.map(idsOf))));
      return rows;
    } finally {
      peer.close();
      rmSync(folder, { recursive: true });
    }
  },
};

interface Measured {
  options: CaseOptions;
  peer: PeerProcess;
  name: string;
  vectors: Float32Array;
  queries: Float32Array;
  folder: string;
}

/** One building each: nobody builds an index again and again. */
async function compareBuilds(
  { options, peer, name, vectors }: Measured,
  row: string,
  theirs: "flat" | "hnsw",
  index: DenseIndex,
): Promise<Row> {
  const answer = await peer.ask<{ seconds: number }>({ build: theirs });
  await quiet();
  const start = performance.now();
  for (let first = 0; first < DOCUMENTS; first += ADDED_AT_A_TIME) {
    const ids = Array.from({ length: ADDED_AT_A_TIME }, (_, i) => String(first + i));
    await index.add(ids, vectors.subarray(first * DIMENSIONS, (first + ADDED_AT_A_TIME) * DIMENSIONS));
  }
  const seconds = (performance.now() - start) / 1e3;
  options.report(`${row}: ${seconds.toFixed(2)} s, peer ${answer.seconds.toFixed(2)} s`);
  return rowOf({ name: row, peer: name, unit: "s", better: "lower" }, [{ ours: seconds, theirs: answer.seconds }]);
}

/** Flat search, both sides in turn; what the last batch found must be the same but for rounding. */
async function compareFlat({ options, peer, name, queries }: Measured, exact: DenseIndex): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name: row, batch, batches, depth } of FLAT) {
    const asked = { search: "flat", batch, batches, depth };
    const ours = () => searchBatches(exact, queries, { batch, batches, depth });
    await ours();
    await peer.ask<Answer>(asked);
    const pairs: { ours: number; theirs: number }[] = [];
    let recall = 1;
    for (let round = 0; round < options.rounds; round++) {
      let [mine, its]: [Answer | undefined, Answer | undefined] = [undefined, undefined];
      await quiet();
      if (round % 2 === 0) mine = await ours();
      its = await peer.ask<Answer>(asked);
      if (!mine) {
        await quiet();
        mine = await ours();
      }
      recall = Math.min(recall, recallOf(its.labels, mine.labels));
      pairs.push({ ours: (batch * batches) / mine.seconds, theirs: (batch * batches) / its.seconds });
      options.report(
        `${row}, round ${round + 1}: ${perSecond(pairs.at(-1)!.ours)}, peer ${perSecond(pairs.at(-1)!.theirs)}`,
      );
    }
    options.report(`${row}: recall@${depth} of ours in the peer's ${recall.toFixed(4)}`);
    if (recall < 0.999)
      throw new Error(`${row}: only ${recall} of the peer's documents were found: one of the two is not exact`);
    rows.push(rowOf({ name: row, peer: name, unit: "q/s", better: "higher" }, pairs));
  }
  return rows;
}

/** Graphs of as many links, each searched just broadly enough for the recall. */
async function compareGraphs(measured: Measured, wanted: readonly number[][]): Promise<Row[]> {
  const { options, peer, name, queries, folder } = measured;
  const { threads } = options;
  const made = await createIndex({ kind: "hnsw", dimensions: DIMENSIONS, similarity: "cosine", ...GRAPH, threads });
  const built = await compareBuilds(measured, "hnsw build", "hnsw", made);
  const saved = join(folder, "hnsw");
  await made.save(saved);
  await made.release();
  const whole = { batch: QUERIES, batches: 1, depth: GRAPH_DEPTH };
  const measure = { ...whole, batches: 4 };
  const ourBreadth = await leastBreadth(async (efSearch) => {
    const index = await openIndex(saved, { efSearch, threads });
    const { labels } = await searchBatches(index, queries, whole);
    await index.release();
    return recallOf(wanted, labels);
  });
  const theirBreadth = await leastBreadth(
    async (efSearch) => (await peer.ask<{ recall: number }>({ recall: GRAPH_DEPTH, efSearch })).recall,
  );
  options.report(
    `hnsw: efSearch ${ourBreadth.breadth} gives ${ourBreadth.recall.toFixed(4)}, peer ${theirBreadth.breadth} gives ${theirBreadth.recall.toFixed(4)}`,
  );
  const index = await openIndex(saved, { efSearch: ourBreadth.breadth, threads });
  const pairs: { ours: number; theirs: number }[] = [];
  const asked = { search: "hnsw", ...measure, efSearch: theirBreadth.breadth };
  await peer.ask<Answer>(asked);
  await searchBatches(index, queries, measure);
  for (let round = 0; round < options.rounds; round++) {
    await quiet();
    let mine = round % 2 === 0 ? await searchBatches(index, queries, measure) : undefined;
    const its = await peer.ask<Answer>(asked);
    if (!mine) {
      await quiet();
      mine = await searchBatches(index, queries, measure);
    }
    const count = measure.batch * measure.batches;
    pairs.push({ ours: count / mine.seconds, theirs: count / its.seconds });
    options.report(
      `hnsw, round ${round + 1}: ${perSecond(pairs.at(-1)!.ours)}, peer ${perSecond(pairs.at(-1)!.theirs)}`,
    );
  }
  await index.release();
  return [
    built,
    rowOf({ name: "hnsw recall@10", peer: name, unit: "", better: "higher" }, [
      { ours: ourBreadth.recall, theirs: theirBreadth.recall },
    ]),
    rowOf({ name: "hnsw at that recall", peer: name, unit: "q/s", better: "higher" }, pairs),
  ];
}

/** The least breadth with enough recall, by halving. */
async function leastBreadth(
  recallAt: (efSearch: number) => Promise<number>,
): Promise<{ breadth: number; recall: number }> {
  let [low, high] = [0, BREADTHS.length - 1];
  let best: { breadth: number; recall: number } | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const breadth = BREADTHS[middle]!;
    const recall = await recallAt(breadth);
    if (recall >= LEAST_RECALL) {
      best = { breadth, recall };
      high = middle - 1;
    } else low = middle + 1;
  }
  if (!best) throw new Error(`no efSearch up to ${BREADTHS.at(-1)} reaches recall ${LEAST_RECALL}`);
  return best;
}

async function searchBatches(
  index: DenseIndex,
  queries: Float32Array,
  { batch, batches, depth }: { batch: number; batches: number; depth: number },
): Promise<Answer> {
  let labels: number[][] = [];
  const start = performance.now();
  for (let i = 0; i < batches; i++) {
    const first = ((i * batch) % QUERIES) * DIMENSIONS;
    const found = await index.search(queries.subarray(first, first + batch * DIMENSIONS), { depth });
    if (i === batches - 1) labels = found.map(idsOf);
  }
  return { seconds: (performance.now() - start) / 1e3, labels };
}

/** Until the peer's threads, which spin for a while after they worked, have gone to sleep. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

const idsOf = (documents: readonly { documentId: string }[]): number[] =>
  documents.map(({ documentId }) => Number(documentId));

/** The share of wanted documents that were found. */
function recallOf(wanted: readonly number[][], found: readonly number[][]): number {
  const hits = wanted.map((documents, i) => {
    const those = new Set(found[i]);
    return documents.filter((each) => those.has(each)).length / documents.length;
  });
  return hits.reduce((sum, each) => sum + each, 0) / hits.length;
}

const perSecond = (queries: number): string => `${queries.toFixed(0)} q/s`;

function readVectors(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
