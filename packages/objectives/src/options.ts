import type { Objective } from "./define-objective.ts";

export interface OptionDescription {
  name: string;
  /** `number`, `boolean`, `"cf" | "df"`, … */
  type: string;
  default: unknown;
  description: string;
}

export function objectiveOptions(
  _objective: Objective,
  _given?: readonly string[] | Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  throw new Error("not here yet");
}

export function describeOptions(_objective: Objective): OptionDescription[] {
  throw new Error("not here yet");
}
