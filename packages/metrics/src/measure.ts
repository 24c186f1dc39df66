import { PropriaError } from "@propria/base";
import type { JudgedRanking, MeasureDefinition, MeasureParameter } from "./define-measure.ts";
import { averagePrecision } from "./measures/average-precision.ts";
import { judged } from "./measures/judged.ts";
import { ndcg } from "./measures/ndcg.ts";
import { precision } from "./measures/precision.ts";
import { recall } from "./measures/recall.ts";
import { reciprocalRank } from "./measures/reciprocal-rank.ts";
import { success } from "./measures/success.ts";
import { nearestName } from "./nearest-name.ts";

/** A measure with its cutoff and parameters: what `evaluate` computes. */
export interface Measure {
  /** `nDCG@10`, `P(rel=2)@10`: canonical, aliases replaced and defaults left out. */
  readonly name: string;
  /** The definition's name: `nDCG`. */
  readonly family: string;
  /** The value for one query. */
  readonly value: (ranking: JudgedRanking) => number;
}

/** All measures that `parseMeasure` knows. */
export const builtInMeasures: readonly MeasureDefinition[] = [
  ndcg,
  reciprocalRank,
  averagePrecision,
  precision,
  recall,
  success,
  judged,
];

/**
 * A definition with its cutoff and parameters.
 *
 * @param options.cutoff     Documents, from 1; all when left out.
 * @param options.parameters Those that differ from the default.
 * @throws {PropriaError} `MEASURE` when a required cutoff is missing, or a cutoff or parameter is impossible.
 */
export function measure(
  definition: MeasureDefinition,
  { cutoff, parameters = {} }: { cutoff?: number; parameters?: Readonly<Record<string, number | string>> } = {},
): Measure {
  const { name: family } = definition;
  const known: Record<string, MeasureParameter> = definition.parameters ?? {};
  if (cutoff === undefined && definition.cutoff === "required")
    throw new PropriaError("MEASURE", `${family} needs a cutoff`, { mend: `write: ${family}@10` });
  if (cutoff !== undefined && !(Number.isSafeInteger(cutoff) && cutoff >= 1))
    throw new PropriaError("MEASURE", `the cutoff of ${family} is ${cutoff}`, { mend: "a whole number from 1" });

  const values: Record<string, number | string> = {};
  for (const [name, { default: value }] of Object.entries(known)) values[name] = value;
  const given: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!parameter) throw unknownParameter(family, name, known);
    checkParameter(family, name, parameter, value);
    values[name] = value;
    if (value !== parameter.default) given.push(`${name}=${value}`);
  }

  const name = `${family}${given.length > 0 ? `(${given.sort().join(",")})` : ""}${cutoff === undefined ? "" : `@${cutoff}`}`;
  return { name, family, value: (ranking) => definition.value(ranking, cutoff ?? Number.POSITIVE_INFINITY, values) };
}

const PAPER_FORM = /^(?<family>[A-Za-z][\w-]*?)(?:\((?<parameters>[^()]*)\))?(?:@(?<cutoff>[^@]*))?$/;
const TREC_EVAL_FORM = /^(?<family>ndcg_cut|map_cut|P|recall|success)_(?<cutoff>\d+)$/;

/**
 * Reads `nDCG@10`, `AP`, `P(rel=2)@10`, `nDCG(dcg=exp-log2)@20`, the aliases `MRR`, `MAP`, `Recall`, and
 * trec_eval's `ndcg_cut_10`, `map`, `recip_rank`, `P_10`, `recall_100`.
 *
 * @param definitions Measures to know beside the built-in ones.
 * @throws {PropriaError} `MEASURE` for an unknown name (with the nearest known one), cutoff or parameter.
 * @example
 * parseMeasure("MRR@10").name; // "RR@10"
 */
export function parseMeasure(
  text: string,
  { definitions = [] }: { definitions?: readonly MeasureDefinition[] } = {},
): Measure {
  const groups = (TREC_EVAL_FORM.exec(text.trim()) ?? PAPER_FORM.exec(text.trim()))?.groups;
  if (!groups) throw new PropriaError("MEASURE", `"${text}" is no measure`, { mend: "write: nDCG@10 or P(rel=2)@10" });
  const { family = "", parameters, cutoff } = groups;
  const definition = find(family, [...definitions, ...builtInMeasures]);
  return measure(definition, {
    ...(cutoff === undefined ? {} : { cutoff: /^\d+$/.test(cutoff) ? Number(cutoff) : Number.NaN }),
    parameters: parseParameters(text, parameters ?? ""),
  });
}

function find(family: string, definitions: readonly MeasureDefinition[]): MeasureDefinition {
  const namesOf = ({ name, aliases = [] }: MeasureDefinition): string[] => [name, ...aliases];
  const sameLetters = (name: string) => name.toLowerCase() === family.toLowerCase();
  const found =
    definitions.find((each) => namesOf(each).includes(family)) ??
    definitions.find((each) => namesOf(each).some(sameLetters));
  if (found) return found;
  const names = definitions.map(({ name }) => name);
  const nearest = nearestName(family, definitions.flatMap(namesOf));
  throw new PropriaError("MEASURE", `unknown measure "${family}"`, {
    mend: `${nearest ? `did you mean ${nearest}? ` : ""}known: ${names.join(", ")}`,
  });
}

/** `rel=2, dcg='exp-log2'`; quotes are allowed, as ir_measures writes them. */
function parseParameters(text: string, written: string): Record<string, number | string> {
  const parameters: Record<string, number | string> = {};
  for (const part of written.split(",").filter((part) => part.trim() !== "")) {
    const [, name, , value] = /^\s*(\w+)\s*=\s*(['"]?)(.*?)\2\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw new PropriaError("MEASURE", `"${part.trim()}" in "${text}" is no parameter`, {
        mend: "write: P(rel=2)@10",
      });
    parameters[name] = /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return parameters;
}

function unknownParameter(family: string, name: string, known: Record<string, MeasureParameter>): PropriaError {
  const nearest = nearestName(name, Object.keys(known));
  const names = Object.keys(known).join(", ") || "none";
  return new PropriaError("MEASURE", `${family} has no parameter "${name}"`, {
    mend: nearest ? `did you mean ${nearest}?` : `known: ${names}`,
  });
}

function checkParameter(family: string, name: string, { choices, ...parameter }: MeasureParameter, value: unknown) {
  const fits = choices
    ? choices.includes(value as string)
    : typeof value === typeof parameter.default && (typeof value !== "number" || Number.isSafeInteger(value));
  if (fits) return;
  throw new PropriaError("MEASURE", `${name} of ${family} is "${value}"`, {
    mend: choices ? `one of ${choices.join(", ")}` : "a whole number",
  });
}
