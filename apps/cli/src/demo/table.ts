/** The demo's one table: systems, measures, and which differences are significant. */
import { type Evaluation, evaluate, type Qrels } from "@propria/metrics";
import { type Comparison, compare, stars } from "../evaluation/compare.ts";
import { table } from "../program/format.ts";
import type { System } from "./ranking.ts";
import { DEMO } from "./settings.ts";

/** A system with its measures and tests. */
export interface Row {
  system: System;
  evaluation: Evaluation;
  /** The cross-encoder's main measure without BM25. */
  alone: number | undefined;
  againstBm25: Comparison | undefined;
  againstMlm: Comparison | undefined;
}

/** The systems that others are tested against. */
export interface Baselines {
  bm25: System;
  mlm: System;
}

/** Measures every system on the test queries, and tests it against the two baselines. */
export function rowsOf(systems: readonly System[], qrels: Qrels, { bm25, mlm }: Baselines): Row[] {
  const measured = systems.map((system) => ({ system, evaluation: evaluate(qrels, system.run, DEMO.measures) }));
  const evaluationOf = (system: System) => measured.find((each) => each.system === system)!.evaluation;
  const against = (system: System, baseline: System) =>
    system === baseline ? undefined : compare("t", evaluationOf(system), evaluationOf(baseline));
  return measured.map(({ system, evaluation }) => ({
    system,
    evaluation,
    alone: system.alone && evaluate(qrels, system.alone, [DEMO.mainMeasure]).mean[DEMO.mainMeasure],
    againstBm25: against(system, bm25),
    againstMlm: against(system, mlm),
  }));
}

/** Marks of a value: `*` and `**` against BM25, `†` and `††` against BM25 + MLM. */
export const marks = ({ againstBm25, againstMlm }: Row, measure: string): string =>
  stars(againstBm25?.[measure]?.p ?? 1) + stars(againstMlm?.[measure]?.p ?? 1).replaceAll("*", "†");

/** What the marks mean. */
export const LEGEND = [
  "* p < 0.05, ** p < 0.01 against BM25; † p < 0.05, †† p < 0.01 against BM25 + MLM cross-encoder",
  "(two-tailed paired t-test over the test queries, not corrected for several comparisons)",
];

/** Head of the table's columns. */
export const HEADINGS = ["system", ...DEMO.measures, `p, BM25`, `p, MLM`, "weight", "alone"];

/** The cells of a row, in the order of `HEADINGS`. */
export function cells(row: Row): string[] {
  const p = (comparison: Comparison | undefined) => formatP(comparison?.[DEMO.mainMeasure]?.p);
  return [
    row.system.name,
    ...DEMO.measures.map((measure) => row.evaluation.mean[measure]!.toFixed(4) + marks(row, measure)),
    p(row.againstBm25),
    p(row.againstMlm),
    row.system.weight?.toFixed(2) ?? "",
    row.alone?.toFixed(4) ?? "",
  ];
}

/** What the last columns mean. */
export const COLUMN_NOTES = `p: of ${DEMO.mainMeasure}; weight: the cross-encoder's share beside BM25; alone: ${DEMO.mainMeasure} of the cross-encoder without BM25`;

/** The table as text. */
export const textTable = (rows: readonly Row[]): string[] => [
  ...table([HEADINGS, ...padMarks(rows.map(cells))]),
  "",
  ...LEGEND,
  COLUMN_NOTES,
];

/** Marks to one width, so that the digits stand below each other. */
function padMarks(rows: readonly string[][]): string[][] {
  const marksOf = (cell: string) => /[*†]*$/.exec(cell)![0].length;
  return rows.map((row) =>
    row.map((cell, i) => {
      const widest = Math.max(...rows.map((each) => marksOf(each[i]!)));
      return i === 0 ? cell : cell + " ".repeat(widest - marksOf(cell));
    }),
  );
}

const formatP = (p: number | undefined): string => (p === undefined ? "" : p < 0.0001 ? "<.0001" : p.toFixed(4));
