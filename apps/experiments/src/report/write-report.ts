/** The report: every experiment beside the thesis' numbers, from the results alone. */
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import type { Experiment, Scale } from "../experiment.ts";
import { readResult, resultPath } from "../results/result-file.ts";
import { rows } from "../rows/index.ts";
import { chart, lossCharts } from "./charts.ts";
import { type DrawnSection, htmlReport } from "./html.ts";
import { markdownReport } from "./markdown.ts";
import { type Section, sectionOf } from "./section.ts";

/** What a report is made from. */
export interface ReportOptions {
  /** Folder of results. */
  results: string;
  /** Folder to write `report.md` and `report.html` into. */
  out: string;
}

/** Where the report stands, and what it shows. */
export interface ReportFiles {
  markdown: string;
  html: string;
  /** Experiments whose results were there. */
  experiments: string[];
}

const SCALES: readonly Scale[] = ["small", "full"];

/**
 * Builds the report; nothing is run. An experiment without results stands there with the thesis' numbers alone.
 *
 * @throws {PropriaError} `NO_RESULTS` when the folder holds none; `RESULTS_FORM`.
 */
export async function writeReport(options: ReportOptions): Promise<ReportFiles> {
  return reportOf(rows, options);
}

/** The same for rows that are not in the list. */
export async function reportOf(
  experiments: readonly Experiment[],
  { results, out }: ReportOptions,
): Promise<ReportFiles> {
  const sections: Section[] = [];
  for (const experiment of experiments) {
    const found = await Promise.all(SCALES.map((scale) => readResult(resultPath(results, experiment.name, scale))));
    const there = found.filter((result) => result !== undefined);
    sections.push(...(there.length > 0 ? there : [undefined]).map((result) => sectionOf(experiment, result)));
  }
  const shown = sections.flatMap(({ experiment, result }) => (result ? [experiment.name] : []));
  if (shown.length === 0)
    throw new PropriaError("NO_RESULTS", "holds no results", {
      at: results,
      mend: `run an experiment: ${experiments.map(({ name }) => name).join(", ")}`,
    });
  const files = { markdown: join(out, "report.md"), html: join(out, "report.html") };
  await writeFileAtomically(files.markdown, markdownReport(sections));
  const drawn: DrawnSection[] = [];
  for (const section of sections)
    drawn.push({
      ...section,
      figureCharts: await Promise.all(section.figures.charts.map(chart)),
      lossCharts: section.result ? await Promise.all(lossCharts(section.result).map(chart)) : [],
    });
  await writeFileAtomically(files.html, htmlReport(drawn));
  return { ...files, experiments: shown };
}
