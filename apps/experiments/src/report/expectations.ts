/** What the thesis says, looked up in the results. */
import type { Expectation, Experiment, Verdict } from "../experiment.ts";
import type { ExperimentResult } from "../results/result.ts";
import { collectionsOf, difference, measured, SIGNIFICANT } from "./comparison.ts";

/** A claim on one collection, or of the findings of one seed. */
export interface Outcome {
  /** A collection, or a seed. */
  where: string;
  verdict: Verdict;
  numbers: string;
}

/** A claim and what came out. */
export interface Judged {
  claim: string;
  /** One line over all. */
  summary: string;
  outcomes: Outcome[];
}

/** Every claim of a row, with what the results say of it; none where nothing was measured. */
export const judged = (experiment: Experiment, result: ExperimentResult): Judged[] =>
  experiment.expected.map((expectation) => {
    const outcomes = "measure" in expectation ? onCollections(expectation, result) : onSeeds(expectation, result);
    return { claim: expectation.claim, summary: summary(outcomes), outcomes };
  });

type OfMeasure = Extract<Expectation, { measure: string }>;
type OfFindings = Exclude<Expectation, OfMeasure>;

function onCollections({ better, worse, measure, collections }: OfMeasure, result: ExperimentResult): Outcome[] {
  const where = collections ?? collectionsOf(result, better.stage);
  return where.flatMap((collection) => {
    const found = difference(
      measured(result, better, { collection, measure }),
      measured(result, worse, { collection, measure }),
    );
    if (!found) return [];
    const { difference: by, p } = found;
    const numbers = `${measure} ${found.better.toFixed(3)} against ${found.worse.toFixed(3)}, p = ${formatP(p)}`;
    return [{ where: collection, verdict: verdictOf(by, p), numbers }];
  });
}

function onSeeds({ findings }: OfFindings, result: ExperimentResult): Outcome[] {
  const seeds = [...new Set(result.findings.map(({ seed }) => seed))];
  return seeds.flatMap((seed) => {
    const values = result.findings
      .filter((each) => each.seed === seed)
      .map(({ name, value }) => [name, value] as const);
    const found = findings(Object.fromEntries(values));
    return found ? [{ where: `seed ${seed}`, ...found }] : [];
  });
}

/** @param by Better minus worse. */
export const verdictOf = (by: number, p: number): Verdict =>
  !(p < SIGNIFICANT) ? "not significant" : by > 0 ? "seen" : "reversed";

/** `yes` where it is seen and nowhere reversed. */
function summary(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "not measured";
  const count = (verdict: Verdict) => outcomes.filter((each) => each.verdict === verdict).length;
  const [seen, reversed] = [count("seen"), count("reversed")];
  const of = outcomes.length === 1 ? "" : ` (significant on ${seen} of ${outcomes.length}, reversed on ${reversed})`;
  if (seen > 0 && reversed === 0) return `yes${of}`;
  if (reversed > 0 && seen === 0) return `no, the other way${of}`;
  return seen > 0 ? `mixed${of}` : "not significant";
}

/** `0.012`, `<0.0001`. */
export const formatP = (p: number): string => (p < 0.0001 ? "<0.0001" : p.toPrecision(2));
