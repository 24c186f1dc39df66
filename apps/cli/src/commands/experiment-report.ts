import { resultsFlag, resultsFolder } from "../flags/experiments.ts";
import { defaulted, text } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";

/** `propria experiment report` */
export default defineCommand({
  description:
    "Draws each table of the thesis beside our numbers, from the results alone: one page in HTML, one in Markdown.",
  examples: ["propria experiment report --out report"],
  flags: {
    results: resultsFlag,
    out: defaulted(
      text("DIR", "folder to write report.html and report.md into; those that are there are replaced"),
      "report",
    ),
  },
  async run({ results, out }, { print }) {
    const { writeReport } = await import("@propria/experiments");
    const { html, markdown } = await writeReport({ results: resultsFolder(results), out });
    print(`${html}\n${markdown}`);
  },
});
