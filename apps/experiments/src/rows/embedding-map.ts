/** COSTA's figure: a query and its judged documents under two models. */
import { pairedTTest } from "@propria/metrics";
import { defineExperiment, type Verdict } from "../experiment.ts";
import type { Json } from "../graph/canonical.ts";
import { SMALL_SYSTEMS } from "../recipes/objectives.ts";
import { modelAfter } from "../recipes/retrieval.ts";
import { OWN_SMALL, STAGE } from "../recipes/settings.ts";
import type { ChartSpec, DrawFindings } from "../report/figure.ts";
import { type EmbeddingMap, embeddingMapStep } from "../steps/embedding-map.ts";

const COMPARED = ["SEED", "COSTA"] as const;
const COLLECTION = { collection: "wikiqa", split: "test" };

export const embeddingMap = defineExperiment({
  name: "embedding-map",
  title: "A query and its judged documents under SEED and COSTA",
  reproduces: "COSTA's figure 3 (t-SNE of query 47923 of TREC 2019 passages under SEED and COSTA)",
  description:
    "The small models of retrieval-own, fine-tuned with mined negatives. UMAP with a fixed seed in the place of t-SNE, of the wikiqa test query with the most " +
    "judged documents; beside it numbers over all test queries with judged documents of both kinds, for distances in such a picture mean nothing.",
  published: [],
  seeds: { small: [1] },
  minutes: 28,
  measures: ["nDCG@10"],
  baselines: [],
  expected: [
    claim("COSTA maps queries and their relevant documents more tightly together: mean cosine", "relevantSimilarity"),
    claim("relevant documents stand out more: margin to the judged others", "margin"),
    claim("relevant documents are nearer than the judged others: area under the curve", "auc"),
  ],
  draw,
  plan: (context) => ({
    cells: [],
    findings: context.seeds.flatMap((seed) =>
      COMPARED.map((name) => {
        const setting = { context, settings: OWN_SMALL, seed };
        const system = SMALL_SYSTEMS.find((each) => each.system === name)!;
        const model = modelAfter(setting, system, STAGE.mined);
        const { split } = COLLECTION;
        return {
          name,
          seed,
          step: embeddingMapStep(`${name}, seed ${seed}`, model, context.data(COLLECTION.collection), {
            ...{ split, seed, encoding: {} },
          }),
        };
      }),
    ),
  }),
});

function claim(sentence: string, field: keyof EmbeddingMap["perQuery"]) {
  return {
    claim: sentence,
    findings(found: Readonly<Record<string, Json>>): { verdict: Verdict; numbers: string } | undefined {
      const [seed, costa] = COMPARED.map((name) => found[name] as EmbeddingMap | undefined);
      if (!seed || !costa) return undefined;
      const { p, meanDifference } = pairedTTest(costa.perQuery[field], seed.perQuery[field]);
      const [a, b] = [costa.ofAll[field], seed.ofAll[field]].map((value) => value.toFixed(3));
      const verdict: Verdict = p >= 0.05 ? "not significant" : meanDifference > 0 ? "seen" : "reversed";
      return { verdict, numbers: `COSTA ${a}, SEED ${b}, p = ${p.toPrecision(2)}` };
    },
  };
}

/** A picture of each model, and their numbers. */
function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const maps = findings.map(({ name, seed, value }) => ({ name: `${name}, seed ${seed}`, map: value as EmbeddingMap }));
  const cellsOf = ({ relevantSimilarity, nonRelevantSimilarity, margin, auc }: EmbeddingMap["ofQuery"]) =>
    [relevantSimilarity, nonRelevantSimilarity, margin, auc].map((value) => ({ text: value.toFixed(3) }));
  return {
    charts: maps.map(({ name, map }) => scatter(`${name}: query ${map.queryId}`, map.points)),
    tables: [
      {
        title: "Cosine of a query and its judged documents",
        columns: ["relevant", "not relevant", "margin", "AUC"],
        rows: maps.flatMap(({ name, map }) => [
          { name: `${name}: the query of the picture`, cells: cellsOf(map.ofQuery) },
          { name: `${name}: mean of ${map.ofAll.queries} queries`, cells: cellsOf(map.ofAll) },
        ]),
      },
    ],
  };
}

const KINDS = ["query", "relevant", "judged not relevant"];

const scatter = (title: string, points: EmbeddingMap["points"]): ChartSpec => ({
  title: { text: title, anchor: "start" },
  width: 320,
  height: 320,
  data: { values: points.map(([x, y, grade]) => ({ x, y, kind: KINDS[grade < 0 ? 0 : grade > 0 ? 1 : 2] })) },
  mark: { type: "point", filled: true, size: 70 },
  encoding: {
    x: { field: "x", type: "quantitative", title: null, scale: { zero: false }, axis: { labels: false, ticks: false } },
    y: { field: "y", type: "quantitative", title: null, scale: { zero: false }, axis: { labels: false, ticks: false } },
    color: {
      ...{ field: "kind", type: "nominal", title: null },
      scale: { domain: KINDS, range: ["#cf222e", "#1a7f37", "#8c959f"] },
    },
    shape: {
      ...{ field: "kind", type: "nominal", title: null },
      scale: { domain: KINDS, range: ["diamond", "circle", "square"] },
    },
  },
});
