/** Loss curves as SVG. */
import { svgOf } from "../program/chart.ts";
import type { LossPoint } from "./training.ts";

/** A line of a chart. */
export interface Line {
  name: string;
  points: readonly { step: number; value: number }[];
}

const POINTS = 80; // of a line: each is the mean of as many steps as fall to it

/** A training's loss, step by step. */
export interface Curve {
  name: string;
  points: readonly LossPoint[];
  /** What the loss is called when it has no parts. */
  whole: string;
}

/** A line of each training for each part of its loss, by the part's name. */
export function lossLines(curves: readonly Curve[]): Map<string, Line[]> {
  const lines = new Map<string, Line[]>();
  for (const { name, points, whole } of curves) {
    const parts = Object.keys(points[0]?.parts ?? {});
    for (const part of parts.length > 0 ? parts : [whole]) {
      const values = points.map((point) => ({ step: point.step, value: point.parts[part] ?? point.loss }));
      lines.set(part, [...(lines.get(part) ?? []), { name, points: smoothed(values) }]);
    }
  }
  return lines;
}

/** A line chart as SVG text. */
export function lineChart(title: string, lines: readonly Line[]): Promise<string> {
  const values = lines.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
  return svgOf({
    title: { text: title, anchor: "start" },
    width: 380,
    height: 220,
    data: { values },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "step", type: "quantitative", title: "step", axis: { grid: false } },
      y: { field: "value", type: "quantitative", title: "loss", scale: { zero: false } },
      color: {
        field: "name",
        type: "nominal",
        title: null,
        sort: lines.map(({ name }) => name),
        legend: { orient: "top-right" },
      },
    },
  });
}

function smoothed(points: readonly { step: number; value: number }[]): { step: number; value: number }[] {
  const size = Math.max(1, Math.ceil(points.length / POINTS));
  const means: { step: number; value: number }[] = [];
  for (let i = 0; i < points.length; i += size) {
    const group = points.slice(i, i + size);
    means.push({
      step: group.at(-1)!.step,
      value: group.reduce((sum, { value }) => sum + value, 0) / group.length,
    });
  }
  return means;
}
