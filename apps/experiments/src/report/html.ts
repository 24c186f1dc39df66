import { notRun, type Section } from "./section.ts";
import type { Table } from "./tables.ts";

/** A section with its pictures, as SVG texts. */
export interface DrawnSection extends Section {
  figureCharts: readonly string[];
  lossCharts: readonly string[];
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 3rem; border-top: 1px solid #ddd; padding-top: 1rem; }
.pair { display: flex; flex-wrap: wrap; gap: 2.5rem; align-items: flex-start; } .pair > div { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; margin: .4rem 0 1.2rem; } caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; text-align: left; }
.numbers td:not(:first-child), .numbers th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.best { font-weight: 700; } .thesis { color: #444; } .note { color: #57606a; font-size: .87rem; max-width: 60rem; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; } svg { max-width: 100%; height: auto; }
.yes { color: #1a7f37; } .no { color: #cf222e; } code { background: #f3f4f6; padding: .1rem .3rem; border-radius: 4px; }
`;

/** The report as one HTML file that needs nothing else. */
export const htmlReport = (sections: readonly DrawnSection[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The thesis' tables at our scale</title>
<style>${STYLE}</style>
</head>
<body>
<h1>The thesis' tables at our scale</h1>
<p class="note">Made from the results in the repository alone (<code>propria experiment report</code>).</p>
${overview(sections)}
${sections.map(sectionHtml).join("\n")}
</body>
</html>
`;

const overview = (sections: readonly Section[]): string => `
<table><caption>What the thesis claims, and whether this scale shows it</caption>
<tr><th>experiment</th><th>claim</th><th>seen</th></tr>
${sections
  .flatMap(({ experiment, claims }) =>
    claims.map(
      ({ claim, summary }) =>
        `<tr><td><a href="#${experiment.name}">${escapeHtml(experiment.name)}</a></td><td>${escapeHtml(claim)}</td><td class="${summary.startsWith("yes") ? "yes" : summary.startsWith("no,") ? "no" : ""}">${escapeHtml(summary)}</td></tr>`,
    ),
  )
  .join("\n")}
</table>
${notRun(sections).length > 0 ? `<p>Not run here yet: ${notRun(sections).map(escapeHtml).join(", ")}.</p>` : ""}`;

function sectionHtml(section: DrawnSection): string {
  const { experiment, result, tables, legend, published, claims, figures, facts, figureCharts, lossCharts } = section;
  return `
<h2 id="${experiment.name}">${escapeHtml(experiment.title)} <code>${escapeHtml(experiment.name)}</code></h2>
<p>${escapeHtml(experiment.description)}</p>
<p class="note">Reproduces: ${escapeHtml(experiment.reproduces)}.</p>
${result ? "" : "<p>Not run here yet.</p>"}
<div class="pair">
<div>${[...tables, ...figures.tables].map((table) => tableHtml(table)).join("\n")}${legend ? `<p class="note">${escapeHtml(legend)}</p>` : ""}</div>
<div class="thesis">${published.map((table) => tableHtml(table)).join("\n")}</div>
</div>
${charts(figureCharts)}
${result ? claimsHtml(claims) : ""}
${lossCharts.length > 0 ? `<details><summary>Loss curves</summary>${charts(lossCharts)}</details>` : ""}
<p class="note">${facts.map(([name, value]) => `${escapeHtml(name)}: ${escapeHtml(value)}`).join("<br>")}</p>`;
}

const charts = (svgs: readonly string[]): string =>
  svgs.length === 0 ? "" : `<div class="charts">${svgs.map((svg) => `<figure>${svg}</figure>`).join("\n")}</div>`;

const claimsHtml = (claims: Section["claims"]): string => `
<table><caption>Claims</caption><tr><th>claim</th><th>seen</th><th>where, and the numbers</th></tr>
${claims
  .map(
    ({ claim, summary, outcomes }) =>
      `<tr><td>${escapeHtml(claim)}</td><td>${escapeHtml(summary)}</td><td>${outcomes
        .map(({ where, verdict, numbers }) => escapeHtml(`${where}: ${verdict} (${numbers})`))
        .join("<br>")}</td></tr>`,
  )
  .join("\n")}
</table>`;

const tableHtml = ({ title, columns, rows, note }: Table): string =>
  `<table class="numbers"><caption>${escapeHtml(title)}</caption>
<tr><th></th>${columns.map((column) => `<th>${escapeHtml(column)}</th>`).join("")}</tr>
${rows
  .map(
    ({ name, cells }) =>
      `<tr><td>${escapeHtml(name)}</td>${cells.map(({ text, best }) => `<td${best ? ' class="best"' : ""}>${escapeHtml(text)}</td>`).join("")}</tr>`,
  )
  .join("\n")}
</table>${note ? `<p class="note">${escapeHtml(note)}</p>` : ""}`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
