import { PropriaError } from "@propria/base";
import { readQrels, readRun } from "@propria/collection";
import { COMPATS, type CompatName, evaluate, parseMeasure } from "@propria/metrics";
import { compare, type EvaluatedRun } from "../evaluation/compare.ts";
import { evaluationJson } from "../evaluation/json.ts";
import { meanTable, queryTable } from "../evaluation/tables.ts";
import { choice, defaulted, list, required, text, toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";

const DEFAULT_MEASURES = ["nDCG@10", "RR@10", "AP", "R@100"];

/** `propria evaluate` */
export default defineCommand({
  description: "Measures runs against judgments, and tests whether they differ from the first one.",
  examples: [
    "propria evaluate --qrels cranfield/qrels/test.tsv --run bm25.run ql.run --test t",
    'propria evaluate --qrels qrels.txt --run my.run --measures "nDCG@20 P(rel=2)@10" --per-query --json',
  ],
  flags: {
    qrels: required(text("FILE", "judgments, in TREC's four columns or BEIR's three with a header")),
    run: required(
      list("RUN", "runs in TREC's six columns; the first is what --test compares with", { variadic: true }),
    ),
    measures: defaulted(list("NAME", "propria list measures names them", { variadic: true }), DEFAULT_MEASURES),
    perQuery: toggle("the values of each query too"),
    test: choice(["t", "randomization"], "two-tailed paired test of each run against the first"),
    compat: defaulted(
      choice(Object.keys(COMPATS) as CompatName[], "whose ties, denominators and self-hits to take"),
      "trec_eval-10",
    ),
    json: toggle("print JSON"),
  },
  async run({ qrels: qrelsFile, run: files, measures: names, perQuery, test, compat, json }, { print }) {
    if (test && files.length === 1)
      throw new PropriaError("FLAG_CONFLICT", "compares runs with the first, and there is one", {
        at: "--test",
        mend: "name another after --run, or leave --test out",
      });
    const measures = names
      .flatMap((each) => each.split(/[\s,]+(?![^(]*\))/))
      .filter(Boolean)
      .map((each) => parseMeasure(each));
    const qrels = await readQrels(qrelsFile);
    const runs: EvaluatedRun[] = [];
    for (const file of files)
      runs.push({ run: file, evaluation: evaluate(qrels, await readRun(file), measures, { compat }) });
    const [first, ...others] = runs.map(({ evaluation }) => evaluation);
    const comparisons = test && others.map((other) => compare(test, other, first!));
    if (json) return print(JSON.stringify(evaluationJson(runs, given({ perQuery, comparisons }))));
    if (perQuery) print(`${queryTable(runs).join("\n")}\n`);
    print(meanTable(runs, given({ test, comparisons })).join("\n"));
  },
});
