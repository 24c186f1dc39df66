import { writeRun } from "@propria/collection";
import { type FusionOptions, fuseRuns } from "@propria/rankers";
import { choice, defaulted, integer, list, number, numbers, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { learntWeights, readRuns } from "../search/learnt-weights.ts";
import { requireCommon } from "../search/same-collection.ts";

/** `propria fuse` */
export default defineCommand({
  description:
    "Brings several runs together in one: by the ranks of each document (reciprocal rank fusion), or by a weighted sum of its scores.",
  examples: [
    "propria fuse bm25.run dense.run --out fused.run",
    "propria fuse bm25.run dense.run --method linear --weights 0.3 0.7 --out fused.run",
    "propria fuse bm25.run dense.run --method linear --learn-from bm25.dev.run dense.dev.run --qrels wikiqa/qrels/dev.tsv --out fused.run",
  ],
  words: { name: "RUN", about: "runs in TREC's six columns", min: 2, several: true },
  flags: {
    method: defaulted(choice(["rrf", "linear"], "reciprocal ranks, or scores brought to one scale"), "rrf"),
    weights: numbers("X", "one for each run, in their order; default: all the same", { min: 0 }),
    learnFrom: list(
      "RUN",
      "learn the weights on these runs of the same systems, in the same order, over other queries",
      {
        variadic: true,
      },
    ),
    qrels: text("FILE", "of --learn-from: the judgments of its queries"),
    measure: text("NAME", "of --learn-from: what is to be best; default: nDCG@10"),
    k: number("X", "of rrf: added to each rank; the larger, the less the first ranks stand out; default: 60", {
      min: 0,
    }),
    normalization: choice(
      ["minMax", "zScore", "none"],
      "of linear: how the scores of a query are scaled in each run; default: minMax",
    ),
    missing: choice(
      ["lowest", "drop"],
      "of linear: a document that a run lacks has that run's lowest score, or is left out; default: lowest",
    ),
    depth: defaulted(integer("N", "documents kept of each query"), 1000),
    disjoint: toggle("fuse runs that have no query or no document in common too: each over a part of a collection"),
    out: required(text("RUN", "file to write, in TREC's six columns")),
  },
  async run({ out, method, disjoint, learnFrom, qrels, measure, ...flags }, { print, note, echoSettings }, files) {
    const { k, normalization, missing, weights, depth } = flags;
    refuseForeign(method === "rrf" ? { normalization, missing } : { k }, `--method ${method}`);
    if (learnFrom === undefined) refuseForeign({ qrels, measure }, "a fusion without --learn-from");
    else refuseForeign({ weights }, "--learn-from, which learns them");
    mustBeNew(out);
    const common = given({ weights, depth });
    const options: FusionOptions =
      method === "rrf"
        ? { method, ...common, ...given({ k }) }
        : { method, ...common, ...given({ normalization, missing }) };
    const runs = await readRuns(files);
    if (!disjoint) requireCommon(runs);
    const found = learnFrom && (await learntWeights({ files, learnFrom, qrels, measure, disjoint, options }));
    const fused = fuseRuns(
      runs.map(({ run }) => run),
      found ? { ...options, weights: found.learnt.weights } : options,
    );
    await writeRun(out, fused, { tag: method });
    await echoSettings(out, found && { learnt: { measure: found.measure, ...found.learnt } });
    if (found) {
      const { learnt, measure, queries } = found;
      const seen = [...fused.keys()].filter((id) => queries.has(id)).length;
      if (seen > 0) note(`${seen} of the ${fused.size} fused queries are among those that the weights were learnt on`);
      for (const [i, file] of files.entries())
        print(
          `${file}: weight ${learnt.weights[i]!.toFixed(2)}; ${learnFrom![i]} alone ${learnt.alone[i]!.toFixed(4)}`,
        );
      print(`${qrels}: ${measure} ${learnt.value.toFixed(4)}, with equal weights ${learnt.equal.toFixed(4)}`);
    }
    print(`${out}: ${fused.size} queries, ${files.length} runs, ${method}`);
  },
});
