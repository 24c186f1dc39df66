import type { ExperimentResult, FindingResult } from "../results/result.ts";
import type { Table } from "./tables.ts";

/** A Vega-Lite chart; `chart` draws it. */
export type ChartSpec = Readonly<{ title: { text: string; anchor: "start" } } & Record<string, unknown>>;

/** What a row shows beside its tables: pictures and numbers of its findings. */
export interface Figures {
  charts: readonly ChartSpec[];
  tables: readonly Table[];
}

/** Draws a row's findings, or what else its results hold. */
export type DrawFindings = (findings: readonly FindingResult[], result: ExperimentResult) => Figures;
