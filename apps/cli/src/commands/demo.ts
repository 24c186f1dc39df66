import { demoFolder } from "../demo/folder.ts";
import { runDemo } from "../demo/pipeline.ts";
import { textTable } from "../demo/table.ts";
import { defaulted, integer, text } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";

/** `propria demo` */
export default defineCommand({
  description:
    "The whole path on text that is here already, the READMEs of installed npm packages: a vocabulary, pre-training with " +
    "MLM and with PROP, a cross-encoder from each, search, re-ranking, and a table that says what differs.",
  examples: ["propria demo", "propria demo --collection wikiqa --seed 1 --out demo-wikiqa"],
  onInterrupt: "stops",
  flags: {
    out: defaulted(text("DIR", "folder for models, runs and report.html; an earlier demo in it is replaced"), "demo"),
    seed: defaulted(integer("N", "of everything random", { min: 0 }), 1),
    collection: defaulted(text("PATH", "collection with the splits train and test"), "packages:node_modules"),
    threads: integer("N", "threads of one operation; default: the machine's cores"),
  },
  async run({ out, ...settings }, context) {
    await demoFolder(out);
    const { rows, report } = await runDemo({ ...context, ...settings, out });
    await context.echoSettings(out);
    context.print(textTable(rows).join("\n"));
    context.print(`\nreport: ${report}`);
  },
});
