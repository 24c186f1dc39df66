/** Pictures as SVG text, drawn without a browser. */
import type { CurveResult, ExperimentResult } from "../results/result.ts";
import type { ChartSpec } from "./figure.ts";

const CONFIG = { background: "white", font: "system-ui, sans-serif", view: { stroke: "#ddd" } };

/** A chart as SVG text. vega is loaded here, when it is needed. */
export async function chart(spec: ChartSpec): Promise<string> {
  const [{ parse, View, Warn }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const compiled = compile({ ...spec, config: CONFIG } as Parameters<typeof compile>[0]);
  const view = new View(parse(compiled.spec), { renderer: "none", logLevel: Warn });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A chart for each stage and part of the loss: a line for each system, of the first seed. */
export function lossCharts({ curves }: ExperimentResult): ChartSpec[] {
  const first = curves[0]?.seed;
  const ofSeed = curves.filter(({ seed }) => seed === first);
  const stages = [...new Set(ofSeed.map(({ stage }) => stage))];
  return stages.flatMap((stage) => {
    const here = ofSeed.filter((curve) => curve.stage === stage);
    const parts = [...new Set(here.flatMap((curve) => Object.keys(curve.parts)))];
    return parts.map((part) => lossChart(`${stage}: ${part}`, here, part));
  });
}

/** A line for each system. */
export const lossChart = (title: string, curves: readonly CurveResult[], part: string): ChartSpec => ({
  title: { text: title, anchor: "start" },
  width: 340,
  height: 200,
  data: {
    values: curves.flatMap(({ system, parts }) =>
      (parts[part] ?? []).map(([step, value]) => ({ step, value, system })),
    ),
  },
  mark: { type: "line", strokeWidth: 1.5 },
  encoding: {
    x: { field: "step", type: "quantitative", title: "step", axis: { grid: false } },
    y: { field: "value", type: "quantitative", title: "loss", scale: { zero: false } },
    color: { field: "system", type: "nominal", title: null, sort: curves.map(({ system }) => system) },
  },
});
