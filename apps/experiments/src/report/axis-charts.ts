import type { Experiment } from "../experiment.ts";
import type { ExperimentResult } from "../results/result.ts";
import { collectionsOnAxis, measured } from "./comparison.ts";
import type { ChartSpec } from "./figure.ts";

/** Of each collection, the first measure along the axis: a line for each system. None where a row has no axis. */
export function axisCharts({ axis, measures }: Experiment, result: ExperimentResult): ChartSpec[] {
  if (axis === undefined) return [];
  const { title, stages } = axis;
  const measure = measures[0]!;
  const systems = [...new Set(result.cells.map(({ system }) => system))];
  return collectionsOnAxis(result, axis).map((collection) => {
    const values = systems.flatMap((system) =>
      stages.flatMap((stage) => {
        const found = measured(result, { system, stage }, { collection, measure });
        return found ? [{ system, stage, value: found.mean }] : [];
      }),
    );
    return {
      title: { text: `${collection}: ${measure}`, anchor: "start" },
      width: 420,
      height: 260,
      data: { values },
      mark: { type: "line", point: true, strokeWidth: 1.5 },
      encoding: {
        x: { field: "stage", type: "ordinal", title, sort: stages, axis: { labelAngle: 0 } },
        y: { field: "value", type: "quantitative", title: measure },
        color: { field: "system", type: "nominal", title: null, sort: systems },
      },
    };
  });
}
