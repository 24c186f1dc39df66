import { PropriaError } from "@propria/base";
import { COMPATS, type Compat, type CompatName, type Order, type QueryPolicy } from "./compat.ts";
import type { JudgedRanking } from "./define-measure.ts";
import { type Measure, parseMeasure } from "./measure.ts";
import { ranked } from "./ranking.ts";
import type { Qrels, Run, ScoredDocument } from "./run.ts";

export interface EvaluateOptions {
  /** Whose numbers to give; `trec_eval-10`. */
  compat?: CompatName;
  /** The queries that the mean is over, when other than `compat` has it: all with judgments, or those of them that the run answers. */
  queries?: QueryPolicy;
}

/** Values by measure, for each query and in the mean. */
export interface Evaluation {
  /** Canonical names, in the order asked for: `MRR@10` is `RR@10`. */
  measures: string[];
  /** Query id → measure → value, in the order of the qrels. */
  perQuery: Map<string, Record<string, number>>;
  mean: Record<string, number>;
  /** Queries with judgments; of these, those that the run answers; and queries of the run without judgments, which count for nothing. */
  queries: { judged: number; answered: number; unjudged: number };
}

/**
 * Values of a run, for each query and in the mean.
 *
 * The mean is over all queries with judgments, an unanswered one being 0: trec_eval's `-c`. `queries: "answered"` is trec_eval without it.
 *
 * @param measures Names as `parseMeasure` reads them, or measures.
 * @throws {PropriaError} `MEASURE` for an unknown measure; `RUN_DUPLICATE` when a run has a document twice for a query;
 *   `RUN_SCORE` for a score that is no number; `NO_QUERIES` when there are no judgments, or a run that is not empty
 *   answers none of the judged queries.
 * @example
 * const qrels = new Map([["q1", new Map([["d1", 1]])]]);
 * const run = new Map([["q1", [{ documentId: "d2", score: 2 }, { documentId: "d1", score: 1 }]]]);
 * evaluate(qrels, run, ["nDCG@10", "RR"]).mean; // { "nDCG@10": 0.6309297535714575, RR: 0.5 }
 */
export function evaluate(
  qrels: Qrels,
  run: Run,
  measures: readonly (string | Measure)[],
  options: EvaluateOptions = {},
): Evaluation {
  const compat = COMPATS[options.compat ?? "trec_eval-10"];
  const chosen = distinct(measures.map((each) => (typeof each === "string" ? parseMeasure(each) : each)));
  const answered = [...qrels.keys()].filter((queryId) => run.has(queryId)).length;
  if (qrels.size === 0) throw new PropriaError("NO_QUERIES", "the qrels are empty");
  if (run.size > 0 && answered === 0)
    throw new PropriaError("NO_QUERIES", "none of the run's queries has judgments", {
      mend: "take the run and the qrels of one collection and split",
    });

  const policies = chosen.map((measure) => {
    const { order, queries } = compat.exceptions?.[measure.family] ?? compat;
    return { measure, order, queries: options.queries ?? queries };
  });
  const perQuery = new Map<string, Record<string, number>>();
  const sums = chosen.map(() => 0);
  for (const [queryId, grades] of qrels) {
    const documents = run.get(queryId);
    check(queryId, documents ?? []);
    const rankings = judgedRankings(queryId, documents ?? [], grades, compat);
    const values: Record<string, number> = {};
    for (const [i, { measure, order, queries }] of policies.entries()) {
      if (!documents && queries === "answered") continue;
      const value = documents ? measure.value(rankings(order)) : 0;
      values[measure.name] = value;
      sums[i]! += value;
    }
    if (Object.keys(values).length > 0) perQuery.set(queryId, values);
  }

  const mean = policies.map(({ measure, queries }, i) => {
    const count = queries === "judged" ? qrels.size : answered;
    return [measure.name, count === 0 ? 0 : sums[i]! / count] as const;
  });
  return {
    measures: chosen.map(({ name }) => name),
    perQuery,
    mean: Object.fromEntries(mean),
    queries: { judged: qrels.size, answered, unjudged: run.size - answered },
  };
}

/** The same measure asked for twice, or under two names, is one. */
const distinct = (measures: Measure[]): Measure[] => [...new Map(measures.map((each) => [each.name, each])).values()];

function check(queryId: string, documents: readonly ScoredDocument[]): void {
  const seen = new Set<string>();
  for (const { documentId, score } of documents) {
    if (Number.isNaN(score))
      throw new PropriaError("RUN_SCORE", `the score of document "${documentId}" is no number`, {
        at: `query "${queryId}"`,
      });
    if (seen.has(documentId))
      throw new PropriaError("RUN_DUPLICATE", `document "${documentId}" is there twice`, { at: `query "${queryId}"` });
    seen.add(documentId);
  }
}

/** The ranking of one query in each order asked for; sorted once an order. */
function judgedRankings(
  queryId: string,
  documents: readonly ScoredDocument[],
  grades: ReadonlyMap<string, number>,
  { dropsSelfHits }: Compat,
): (order: Order) => JudgedRanking {
  const kept = dropsSelfHits ? documents.filter(({ documentId }) => documentId !== queryId) : documents;
  const judgedGrades = [...grades.values()].sort((a, b) => b - a);
  const rankings = new Map<Order, JudgedRanking>();
  return (order) => {
    let ranking = rankings.get(order);
    if (!ranking) {
      ranking = { grades: ranked(kept, order).map(({ documentId }) => grades.get(documentId)), judgedGrades };
      rankings.set(order, ranking);
    }
    return ranking;
  };
}
