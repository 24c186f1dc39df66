/** Puts what a run gives into the results. */
import { cpus } from "node:os";
import type { Cell, CurveStep, Finding, Plan, Scale } from "../experiment.ts";
import { canonical, type Json } from "../graph/canonical.ts";
import type { Graph } from "../graph/graph.ts";
import type { Step } from "../graph/step.ts";
import type { CellResult, CurveResult, Environment, ExperimentResult, FindingResult } from "./result.ts";
import { versions } from "./versions.ts";

/** Results in the making. */
export interface Collecting {
  readonly result: ExperimentResult;
  cell(cell: Cell): Promise<void>;
  finding(finding: Finding): Promise<void>;
  curve(curve: CurveStep): Promise<void>;
  /** Brings all into the order of the plan, and drops steps and environments that no number names. */
  tidy(plan: Plan): void;
}

/** What is known of a run beforehand. */
export interface CollectingOptions {
  graph: Graph;
  before: ExperimentResult | undefined;
  plan: Plan;
  experiment: string;
  scale: Scale;
  environment: Environment;
}

/** Of results from before, those stay that the plan would give again, by their keys. A number that comes out as it was keeps its date. */
export async function collecting({ graph, before, plan, ...given }: CollectingOptions): Promise<Collecting> {
  const { experiment, scale, environment } = given;
  const result = await stillTrue(before, plan, graph, { experiment, scale });
  const environmentPlace = (): number => {
    const text = canonical(environment as never);
    const place = result.environments.findIndex((other) => canonical(other as never) === text);
    return place >= 0 ? place : result.environments.push(environment) - 1;
  };
  const provenance = async (step: Step) => {
    await noteSteps(step, graph, result);
    return { key: await graph.key(step), environment: environmentPlace() };
  };
  return {
    result,
    async cell({ step, ...cell }) {
      const { output, key } = await graph.run(step);
      if (
        result.cells.some((old) => old.key === key && sameCell(old, cell) && sameValue(old.perQuery, output.perQuery))
      )
        return;
      result.cells = replaced(result.cells, { ...cell, ...output, ...(await provenance(step)) }, CELL_NAME);
    },
    async finding({ step, name, seed }) {
      const { output: value, key } = await graph.run(step);
      if (result.findings.some((old) => old.key === key && old.name === name && sameValue(old.value, value))) return;
      result.findings = replaced(result.findings, { name, seed, value, ...(await provenance(step)) }, FINDING_NAME);
    },
    async curve({ step, ...curve }) {
      const { output } = await graph.run(step);
      result.curves = replaced(result.curves, { ...curve, parts: output.curve }, CURVE_NAME);
    },
    tidy: (whole) => tidy(result, whole),
  };
}

const CELL_NAME = ["system", "stage", "collection", "split", "seed"] as const;
const CURVE_NAME = ["system", "stage", "seed"] as const;
const FINDING_NAME = ["name", "seed"] as const;

const sameCell = (old: CellResult, cell: Omit<Cell, "step">) => CELL_NAME.every((part) => old[part] === cell[part]);
const sameValue = (a: Json, b: Json) => canonical(a) === canonical(b);

async function stillTrue(
  before: ExperimentResult | undefined,
  plan: Plan,
  graph: Graph,
  { experiment, scale }: { experiment: string; scale: Scale },
): Promise<ExperimentResult> {
  const keys = new Set<string>();
  for (const { step } of [...plan.cells, ...(plan.findings ?? [])]) keys.add(await graph.key(step));
  const cells = (before?.cells ?? []).filter(({ key }) => keys.has(key));
  const trained = (curve: CurveResult) =>
    cells.some(({ system, seed }) => system === curve.system && seed === curve.seed);
  return {
    ...{ form: 1, experiment, scale, cells },
    curves: (before?.curves ?? []).filter(trained),
    findings: (before?.findings ?? []).filter(({ key }) => keys.has(key)),
    steps: { ...before?.steps },
    environments: [...(before?.environments ?? [])],
  };
}

/** Notes a step and all before it. */
async function noteSteps(step: Step, graph: Graph, { steps }: ExperimentResult): Promise<void> {
  const key = await graph.key(step);
  const inputs: { [name: string]: string } = {};
  for (const [name, input] of Object.entries(step.inputs)) {
    inputs[name] = await graph.key(input);
    await noteSteps(input, graph, { steps } as ExperimentResult);
  }
  const { name, kind, version, settings } = step;
  const seconds = Math.round((await graph.seconds(step)) * 10) / 10;
  steps[key] = { name, kind, version, settings, inputs, seconds };
}

/** The list with one more member, in the place of the one of the same name if there is one. */
function replaced<Member extends object>(list: Member[], made: Member, name: readonly (keyof Member)[]): Member[] {
  const same = (other: Member) => name.every((part) => other[part] === made[part]);
  return list.some(same) ? list.map((other) => (same(other) ? made : other)) : [...list, made];
}

function tidy(result: ExperimentResult, plan: Plan): void {
  result.cells = inOrder(result.cells, plan.cells, CELL_NAME);
  result.curves = inOrder(result.curves, plan.curves ?? [], CURVE_NAME);
  result.findings = inOrder(result.findings, plan.findings ?? [], FINDING_NAME);
  const named: (CellResult | FindingResult)[] = [...result.cells, ...result.findings];
  const used = new Set<string>();
  const use = (key: string) => {
    if (used.has(key)) return;
    used.add(key);
    for (const input of Object.values(result.steps[key]?.inputs ?? {})) use(input);
  };
  for (const { key } of named) use(key);
  result.steps = Object.fromEntries(Object.entries(result.steps).filter(([key]) => used.has(key)));
  const places = [...new Set(named.map(({ environment }) => environment))].sort((a, b) => a - b);
  result.environments = places.map((place) => result.environments[place]!);
  for (const each of named) each.environment = places.indexOf(each.environment);
}

function inOrder<Member extends object>(
  members: Member[],
  plan: readonly object[],
  name: readonly (keyof Member)[],
): Member[] {
  const textOf = (member: object) => name.map((part) => (member as Member)[part]).join("\n");
  const places = new Map(plan.map((member, i) => [textOf(member), i]));
  const placeOf = (member: Member) => places.get(textOf(member)) ?? plan.length;
  return [...members].sort((a, b) => placeOf(a) - placeOf(b));
}

/** This machine, with so many threads for one operation. */
export function environmentOf(date: string, threads: number | undefined): Environment {
  const found = cpus();
  const machine = {
    cores: found.length,
    threads: threads ?? found.length,
    processor: found[0]?.model.trim() ?? "unknown",
  };
  return { date, machine, versions: versions() };
}
