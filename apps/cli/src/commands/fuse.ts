import { readRun, writeRun } from "@propria/collection";
import { type FusionOptions, fuseRuns } from "@propria/rankers";
import { choice, defaulted, integer, number, numbers, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { type NamedRun, requireCommon } from "../search/same-collection.ts";

/** `propria fuse` */
export default defineCommand({
  description:
    "Brings several runs together in one: by the ranks of each document (reciprocal rank fusion), or by a weighted sum of its scores.",
  examples: [
    "propria fuse bm25.run dense.run --out fused.run",
    "propria fuse bm25.run dense.run --method linear --weights 0.3 0.7 --out fused.run",
  ],
  words: { name: "RUN", about: "runs in TREC's six columns", min: 2, several: true },
  flags: {
    method: defaulted(choice(["rrf", "linear"], "reciprocal ranks, or scores brought to one scale"), "rrf"),
    weights: numbers("X", "one for each run, in their order; default: all the same", { min: 0 }),
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
  async run({ out, method, disjoint, k, normalization, missing, weights, depth }, { print, echoSettings }, files) {
    refuseForeign(method === "rrf" ? { normalization, missing } : { k }, `--method ${method}`);
    mustBeNew(out);
    const common = given({ weights, depth });
    const options: FusionOptions =
      method === "rrf"
        ? { method, ...common, ...given({ k }) }
        : { method, ...common, ...given({ normalization, missing }) };
    const runs: NamedRun[] = [];
    for (const file of files) runs.push({ file, run: await readRun(file) });
    if (!disjoint) requireCommon(runs);
    const fused = fuseRuns(
      runs.map(({ run }) => run),
      options,
    );
    await writeRun(out, fused, { tag: method });
    await echoSettings(out);
    print(`${out}: ${fused.size} queries, ${files.length} runs, ${method}`);
  },
});
