/** The distributions of documents side by side, as in B-PROP's figure. */
import { writeFileAtomically } from "@propria/base";
import { svgOf } from "../program/chart.ts";
import { type Keywords, readingsOf } from "./keywords.ts";

/** Draws documents into a file: one as .svg, or any number on a page. */
export async function writePicture(file: string, found: AsyncIterable<Keywords>, top: number): Promise<void> {
  const charts = async function* () {
    for await (const keywords of found) yield await keywordChart(keywords, top);
  };
  await writeFileAtomically(file, file.endsWith(".svg") ? charts() : page(charts()));
}

/** A row for each word that is among the best of a reading, its bar in each. */
function keywordChart(keywords: Keywords, top: number): Promise<string> {
  const readings = readingsOf(keywords).map(({ title, measure, words }) => ({ name: `${title}, ${measure}`, words }));
  // What the contrast prefers is above, what attention alone does below.
  const best = readings.toReversed().flatMap(({ words }) => words.slice(0, top).map(({ word }) => word));
  const rows = [...new Set(best)];
  const shown = new Set(best);
  return svgOf({
    title: { text: keywords.id, anchor: "start" },
    data: {
      values: readings.flatMap(({ name, words }) =>
        words.filter(({ word }) => shown.has(word)).map((each) => ({ ...each, reading: name })),
      ),
    },
    mark: "bar",
    width: 180,
    height: { step: 16 },
    encoding: {
      column: {
        field: "reading",
        title: null,
        sort: readings.map(({ name }) => name),
        header: { labelFontWeight: "bold", labelAnchor: "start" },
      },
      y: { field: "word", type: "nominal", title: null, sort: rows, axis: { ticks: false, domain: false } },
      x: { field: "score", type: "quantitative", title: null, axis: { tickCount: 3 } },
      color: { field: "reading", type: "nominal", legend: null },
    },
    resolve: { scale: { x: "independent" } },
  });
}

async function* page(charts: AsyncIterable<string>): AsyncGenerator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Keywords</title>
<style>body { max-width: 60rem; margin: 2rem auto; } figure { margin: 0 0 2.5rem; } svg { max-width: 100%; height: auto; }</style>
</head>
<body>
`;
  for await (const svg of charts) yield `<figure>${svg}</figure>\n`;
  yield "</body>\n</html>\n";
}
