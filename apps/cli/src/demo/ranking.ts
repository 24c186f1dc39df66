/** The demo's systems: two that match words, and cross-encoders over the better known of them. */
import type { Query } from "@propria/collection";
import { bm25, type InvertedIndex, queryLikelihood, searchAll } from "@propria/lexical";
import type { Qrels, Run } from "@propria/metrics";
import { chooseWeight, type Documents, interpolate, openCrossEncoder, rerank } from "@propria/rankers";
import { given } from "../program/given.ts";
import type { ProgressDisplay } from "../program/progress.ts";
import { DEMO } from "./settings.ts";

/** A row of the table. */
export interface System {
  name: string;
  /** Its ranking of the test queries. */
  run: Run;
  /** Share of the cross-encoder in it, chosen on the held-out training queries. */
  weight?: number;
  /** The cross-encoder's ranking without BM25. */
  alone?: Run;
}

/** BM25 of the queries that weights are chosen on, and of the test queries. */
export interface FirstRankings {
  heldOut: Run;
  test: Run;
}

/** What a cross-encoder's system is made from. */
export interface RerankingContext {
  queries: readonly Query[];
  documents: Documents;
  heldOutQrels: Qrels;
  first: FirstRankings;
  threads: number | undefined;
  progress: ProgressDisplay;
}

/** Rankings by BM25, or by query likelihood. */
export const lexicalRun = (model: "bm25" | "ql", index: InvertedIndex, queries: readonly Query[]): Promise<Run> =>
  searchAll(queries, (query) =>
    model === "bm25"
      ? bm25(index, query, { depth: DEMO.searchDepth })
      : queryLikelihood(index, query, { depth: DEMO.searchDepth }),
  );

/** A cross-encoder over BM25: its scores for BM25's top, interpolated with BM25's at the weight that is best on the held-out queries. */
export async function crossEncoderSystem(
  name: string,
  folder: string,
  { queries, documents, heldOutQrels, first, threads, progress }: RerankingContext,
): Promise<System> {
  const model = await openCrossEncoder(folder, given({ threads }));
  try {
    const step = progress.start(`re-ranking: ${name}`, "pairs");
    const both: Run = new Map([...first.heldOut, ...first.test]);
    const scored = await rerank(model, both, queries, documents, {
      depth: DEMO.rerankDepth,
      onProgress: ({ pairs, totalPairs }) => step.update(pairs, totalPairs),
    });
    const [heldOut, test] = [first.heldOut, first.test].map((run) => restrict(scored, run));
    const { weight } = chooseWeight(heldOut!, first.heldOut, heldOutQrels, DEMO.mainMeasure);
    step.end(`weight ${weight.toFixed(2)}`);
    return { name, run: overFirst(test!, first.test, weight), weight, alone: test! };
  } finally {
    await model.release();
  }
}

/** Less than any difference of scores that matters. */
const SLIGHT = 1e-6;

/** The model's scores with the first ranking's. Also where the model alone counts, what it did not score stays in the first ranking's order. */
export const overFirst = (model: Run, first: Run, weight: number): Run =>
  interpolate(model, first, Math.min(weight, 1 - SLIGHT));

/** The part of a run that answers another run's queries. */
const restrict = (run: Run, queriesOf: Run): Run => new Map([...run].filter(([queryId]) => queriesOf.has(queryId)));
