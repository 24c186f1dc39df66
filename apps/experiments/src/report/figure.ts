import type { FindingResult } from "../results/result.ts";
import type { Table } from "./tables.ts";

/** A Vega-Lite chart; `chart` draws it. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** What a row shows beside its tables: pictures and numbers of its findings. */
export interface Figures {
  charts: readonly ChartSpec[];
  tables: readonly Table[];
}

/** Draws a row's findings. */
export type DrawFindings = (findings: readonly FindingResult[]) => Figures;
