import type { Objective } from "./define-objective.ts";

export async function loadObjective(_nameOrFile: string): Promise<Objective> {
  throw new Error("not here yet");
}
export function builtInObjectives(): string[] {
  throw new Error("not here yet");
}
