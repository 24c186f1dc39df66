import { notRun, type Section } from "./section.ts";
import type { Table } from "./tables.ts";

/** The report as Markdown. */
export const markdownReport = (sections: readonly Section[]): string =>
  [
    "# The thesis' tables at our scale",
    "",
    "Made from the results in the repository alone (`propria experiment report`). The pictures are in the HTML report.",
    "",
    ...overview(sections),
    ...sections.flatMap(sectionLines),
  ].join("\n");

function overview(sections: readonly Section[]): string[] {
  const rows = sections.flatMap(({ experiment, claims }) =>
    claims.map(({ claim, summary }) => `| ${experiment.name} | ${escaped(claim)} | ${summary} |`),
  );
  const others = notRun(sections);
  return [
    "## What the thesis claims, and whether this scale shows it",
    "",
    "| experiment | claim | seen |",
    "|---|---|---|",
    ...rows,
    "",
    ...(others.length > 0 ? [`Not run here yet: ${others.join(", ")}.`, ""] : []),
  ];
}

function sectionLines({
  experiment,
  result,
  tables,
  legend,
  published,
  claims,
  figures,
  facts,
  losses,
}: Section): string[] {
  const { title, name, description, reproduces } = experiment;
  const head = [`## ${title} (\`${name}\`)`, "", description, "", `Reproduces: ${reproduces}.`, ""];
  const shown = result ? [] : ["Not run here yet.", ""];
  const claimLines = claims.flatMap(({ claim, summary, outcomes }) => [
    `- ${claim}: **${summary}**${outcomes.map(({ where, verdict, numbers }) => `\n  - ${where}: ${verdict} (${numbers})`).join("")}`,
  ]);
  return [
    ...head,
    ...shown,
    ...[...tables, ...figures.tables].flatMap(tableLines),
    ...(legend ? [legend, ""] : []),
    ...published.flatMap(tableLines),
    ...(result ? ["### Claims", "", ...claimLines, ""] : []),
    ...(losses ? tableLines(losses) : []),
    ...(facts.length > 0 ? [facts.map(([fact, value]) => `${fact}: ${value}`).join("; "), ""] : []),
  ];
}

/** A table with its title; best cells are bold. */
export function tableLines({ title, columns, rows, note }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const text = ({ text, best }: Table["rows"][number]["cells"][number]) =>
    best ? `**${escaped(text)}**` : escaped(text);
  return [
    `### ${title}`,
    "",
    line(["", ...columns.map(escaped)]),
    line(["---", ...columns.map(() => "---:")]),
    ...rows.map(({ name, cells }) => line([escaped(name), ...cells.map(text)])),
    "",
    ...(note ? [note, ""] : []),
  ];
}

/** What would end a cell, or begin bold. */
const escaped = (text: string): string => text.replace(/[|*_]/g, (character) => `\\${character}`);
