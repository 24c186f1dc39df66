import { toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { duration, table } from "../program/format.ts";

/** `propria experiment list` */
export default defineCommand({
  description: "Lists the thesis' tables and figures that can be run, with the time that each takes at scale small.",
  examples: ["propria experiment list", "propria experiment list --json"],
  flags: { json: toggle("print JSON") },
  async run({ json }, { print }) {
    const { listExperiments } = await import("@propria/experiments");
    const experiments = listExperiments();
    if (json) return print(JSON.stringify(experiments, null, 2));
    const rows = experiments.map(({ name, title, reproduces, scales, minutes }) => [
      name,
      minutes > 0 ? duration(minutes * 60) : "",
      scales.join(", "),
      title,
      reproduces,
    ]);
    print(
      table([["name", "small takes", "scales", "title", "reproduces"], ...rows], { left: [0, 2, 3, 4] }).join("\n"),
    );
  },
});
