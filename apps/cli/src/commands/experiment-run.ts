import { PropriaError } from "@propria/base";
import { experimentDisplay } from "../experiments/display.ts";
import { resultTable } from "../experiments/result-table.ts";
import { resultsFlag, resultsFolder } from "../flags/experiments.ts";
import { choice, defaulted, integer, list, numbers, text } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";

/** `propria experiment run` */
export default defineCommand({
  description:
    "Runs an experiment and writes its numbers as JSON. Steps are kept by the hash of what they are made from, so that one that was " +
    "stopped, or differs in part, goes on from what is there.",
  examples: [
    "propria experiment run rop-in-retrieval --data data",
    "propria experiment run retrieval-bert --scale full --paths paths.yaml",
  ],
  words: { name: "NAME", about: "propria experiment list names them", min: 1 },
  onInterrupt: "resumes",
  flags: {
    scale: defaulted(choice(["small", "full"], "two cores, or the thesis' own setting"), "small"),
    data: text("DIR", "of small: folder of collections, one folder each; default: what PROPRIA_DATA says"),
    minilm: text("DIR", "of small: the checkpoint of all-MiniLM-L6-v2; default: what PROPRIA_MINILM says"),
    paths: text(
      "FILE",
      "of full: JSON or YAML that says where its data lies; propria doctor --paths FILE looks it over",
    ),
    only: list("SYSTEM", "run these alone; the others' numbers stay", { variadic: true }),
    seeds: numbers("N", "default: those of the experiment", { min: 0, whole: true }),
    work: defaulted(
      text("DIR", "where steps are kept: gigabytes, and can be removed at any time"),
      ".propria-experiments",
    ),
    results: resultsFlag,
    threads: integer("N", "threads of one operation; default: the machine's cores"),
  },
  async run({ data, results: resultsGiven, ...options }, context, [name]) {
    const { runExperiment } = await import("@propria/experiments");
    const folder = data ?? process.env.PROPRIA_DATA;
    if (options.scale === "small" && folder === undefined)
      throw new PropriaError("FLAG_MISSING", "needs --data DIR", {
        mend: "data: folder of collections (cranfield, wikiqa, …), one folder each; or set PROPRIA_DATA",
      });
    const results = resultsFolder(resultsGiven);
    const display = experimentDisplay(context.progress);
    const result = await runExperiment(name!, {
      ...given({ ...options, data: folder }),
      results,
      signal: context.signal,
      date: new Date().toISOString().slice(0, 10),
      onProgress: display.onProgress,
    });
    display.end();
    context.print(resultTable(result).join("\n"));
    context.print(`\nresults: ${results}`);
  },
});
