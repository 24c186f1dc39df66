/** The demo's report: one HTML file that needs nothing else. */
import type { Example } from "./examples.ts";
import { COLUMN_NOTES, cells, HEADINGS, LEGEND, type Row } from "./table.ts";

/** What the report shows. */
export interface Report {
  /** The collection in one sentence. */
  data: string;
  rows: readonly Row[];
  /** SVG texts. */
  charts: readonly string[];
  examples: readonly Example[];
  /** Names and values. */
  settings: readonly (readonly [string, string])[];
  /** What each part took, in seconds. */
  timings: readonly (readonly [string, number])[];
  /** The command that makes the report again. */
  command: string;
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; vertical-align: top; }
.numbers td:not(:first-child), .numbers th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
th { text-align: left; } .note { color: #57606a; font-size: .87rem; } .wide { overflow-x: auto; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; } svg { max-width: 100%; height: auto; }
.relevant { font-weight: 600; } .relevant::after { content: " ✓ relevant"; color: #1a7f37; font-weight: 400; font-size: .85em; }
.answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .8rem; }
.answers section { border: 1px solid #ddd; border-radius: 6px; padding: .5rem .8rem; } .answers h4 { margin: 0; font-size: .9rem; }
.answers ol { padding-left: 1.2rem; margin: .4rem 0; } .snippet { display: block; color: #57606a; font-size: .83rem; }
code { background: #f3f4f6; padding: .1rem .3rem; border-radius: 4px; }
`;

/** The report as HTML text. */
export const reportHtml = (report: Report): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Propria demo</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Propria demo: raw text into search</h1>
<p>${escapeHtml(report.data)}</p>

<h2>Results on the test queries</h2>
<div class="wide">${tableHtml(report.rows)}</div>
<p class="note">${[...LEGEND, COLUMN_NOTES].map(escapeHtml).join("<br>")}</p>

<h2>Loss curves</h2>
<div class="charts">${report.charts.map((svg) => `<figure>${svg}</figure>`).join("\n")}</div>

<h2>Three queries</h2>
${report.examples.map(exampleHtml).join("\n")}

<h2>Settings</h2>
<table>${report.settings.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join("\n")}</table>

<h2>Time</h2>
<table class="numbers">${report.timings.map(([name, seconds]) => `<tr><td>${escapeHtml(name)}</td><td>${seconds.toFixed(1)} s</td></tr>`).join("\n")}</table>

<p class="note">Made by <code>${escapeHtml(report.command)}</code></p>
</body>
</html>
`;

const tableHtml = (rows: readonly Row[]): string =>
  `<table class="numbers"><tr>${HEADINGS.map((each) => `<th>${escapeHtml(each)}</th>`).join("")}</tr>\n${rows
    .map(
      (row) =>
        `<tr>${cells(row)
          .map((cell) => `<td>${escapeHtml(cell)}</td>`)
          .join("")}</tr>`,
    )
    .join("\n")}</table>`;

const exampleHtml = ({ reason, query, relevant, answers }: Example): string => `
<h3>“${escapeHtml(query.text)}”</h3>
<p class="note">Relevant: ${escapeHtml(relevant.join(", "))}. Chosen as ${escapeHtml(reason)}.</p>
<div class="answers">${answers
  .map(
    ({ system, value, documents }) =>
      `<section><h4>${escapeHtml(system)}</h4><span class="note">nDCG@10 ${value.toFixed(2)}</span><ol>${documents
        .map(
          ({ title, id, snippet, relevant }) =>
            `<li><span${relevant ? ' class="relevant"' : ""}>${escapeHtml(title || id)}</span><span class="snippet">${escapeHtml(snippet)}</span></li>`,
        )
        .join("")}</ol></section>`,
  )
  .join("\n")}</div>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
