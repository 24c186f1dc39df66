import { PropriaError } from "@propria/base";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import type { Objective } from "./define-objective.ts";

/** An option as a listing shows it. */
export interface OptionDescription {
  name: string;
  /** `number`, `boolean`, `"cf" | "df"`, … */
  type: string;
  /** `undefined` when it must be given. */
  default: unknown;
  description: string;
}

/**
 * An objective's options from what the user gave, defaults filled in.
 *
 * A string `name=value` is read as the option's schema wants it: as it stands if the schema takes a string there, else as JSON
 * (numbers, `true`, `false`, `null`, arrays).
 *
 * @param given `["lambda=2", "dropTies=false"]`, or a record of values.
 * @throws {PropriaError} `OPTION_NAME` for a name that there is not, with the nearest; `OPTION_VALUE` for a value that the schema
 *   refuses; `OPTION_FORM` for a string without `=` and for a name given twice.
 */
export function objectiveOptions<Options extends z.ZodObject>(
  objective: Pick<Objective<Options>, "name" | "options">,
  given: readonly string[] | Readonly<Record<string, unknown>> = {},
): z.output<Options> {
  const { shape } = objective.options;
  const values = isList(given) ? readPairs(given, objective) : { ...given };
  for (const name of Object.keys(values)) if (!Object.hasOwn(shape, name)) throw unknownOption(name, objective);
  const parsed = objective.options.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = ["options", ...issue!.path].join(".");
  throw new PropriaError("OPTION_VALUE", issue!.message, {
    at,
    mend: mendFor(objective, String(issue!.path[0] ?? "")),
  });
}

/** What may be tuned: every option with its type, default and description, in the order declared. */
export function describeOptions(objective: Pick<Objective, "options">): OptionDescription[] {
  const { properties = {}, required = [] } = z.toJSONSchema(objective.options, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([name, property]) => {
    const schema = property as JsonSchema;
    return {
      name,
      type: typeName(schema),
      default: required.includes(name) ? undefined : schema.default,
      description: schema.description ?? "",
    };
  });
}

interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  default?: unknown;
  description?: string;
}

function typeName({ type, enum: values, const: value, anyOf, items, prefixItems }: JsonSchema): string {
  if (anyOf) return anyOf.map(typeName).join(" | ");
  if (values) return values.map((each) => JSON.stringify(each)).join(" | ");
  if (value !== undefined) return JSON.stringify(value);
  if (prefixItems) return `[${prefixItems.map(typeName).join(", ")}]`;
  if (items) return items.enum ? `(${typeName(items)})[]` : `${typeName(items)}[]`;
  return type ?? "any";
}

type Named = Pick<Objective<z.ZodObject>, "name" | "options">;

function readPairs(pairs: readonly string[], objective: Named): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || text === undefined)
      throw new PropriaError("OPTION_FORM", `expected name=value, found ${JSON.stringify(pair)}`, {
        mend: `the options of ${objective.name} are ${Object.keys(objective.options.shape).join(", ") || "none"}`,
      });
    if (!Object.hasOwn(objective.options.shape, name)) throw unknownOption(name, objective);
    if (Object.hasOwn(values, name)) throw new PropriaError("OPTION_FORM", "given twice", { at: `options.${name}` });
    values[name] = readValue(text, objective.options.shape[name] as z.ZodType);
  }
  return values;
}

/** The text itself where the schema takes it, else what it is as JSON; a text that is no JSON stays one, for the schema to refuse. */
function readValue(text: string, schema: z.ZodType): unknown {
  if (schema.safeParse(text).success) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function unknownOption(name: string, { name: objective, options }: Named): PropriaError {
  const known = Object.keys(options.shape);
  const mend =
    known.length > 0 ? `did you mean ${closest(name, known)}? There are: ${known.join(", ")}` : "it has none";
  return new PropriaError("OPTION_NAME", `${objective} has no option ${JSON.stringify(name)}`, { mend });
}

function mendFor(objective: Pick<Objective, "options">, name: string): string {
  const option = describeOptions(objective).find((each) => each.name === name);
  return option ? `${option.type}: ${option.description}` : "see its options";
}

const isList = (given: readonly string[] | Readonly<Record<string, unknown>>): given is readonly string[] =>
  Array.isArray(given);
