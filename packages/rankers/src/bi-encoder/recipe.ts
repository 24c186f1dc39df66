/** A recipe: fine-tuning in stages, as JSON or YAML says it. */
import { existsSync } from "node:fs";
import { isPropriaError, PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import { z } from "zod";
import { settingsOf, trainingOptions } from "./training-settings.ts";

const count = z.int().positive();

const mine = z
  .strictObject({
    with: z.string().default("previous").describe("previous, start, an earlier stage's name, or a model folder"),
    depth: count.default(200).describe("documents from the top of each ranking"),
    keep: count.default(30).describe("negatives kept of those for each query"),
    falseNegativeMargin: z.number().positive().max(1).optional(),
    dropLikelyFalse: z.boolean().optional(),
    dropSelf: z.boolean().optional().describe("leave out a document with the query's own id"),
    maxTokens: count.optional().describe("longest text when mining; default: the stage's"),
  })
  .describe("mined with a model: what it ranks high and nobody judged relevant");

const negatives = z.union(
  [z.literal("bm25"), z.literal("in-batch"), z.strictObject({ file: z.string() }), z.strictObject({ mine })],
  'expected "bm25", "in-batch", { file } or { mine: { with, depth, keep } }',
);

const stage = trainingOptions.partial().extend({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, "expected letters, digits, dots, dashes, for it names a folder")
    .refine((name) => !["previous", "start"].includes(name), "is the name of something else"),
  init: z.string().optional().describe("previous, start, an earlier stage's name, or a model folder"),
  collection: z.string().optional().describe("another collection than the recipe's"),
  negatives: negatives.default("bm25"),
});

const recipe = z.strictObject({
  stages: z.array(stage.strict(), "expected a list of stages").min(1, "expected a stage or more"),
});

/** One stage of a recipe. Besides the options of `finetuneBiEncoder`: what it is called, starts from, and learns from. */
export type Stage = z.output<typeof stage>;

/** How negatives are mined for a stage. */
export type StageMining = z.output<typeof mine>;

/**
 * Reads a recipe, `{ stages: [{ name, negatives, init, epochs, … }], defaults: { … } }` or the list of stages alone. What `defaults` says
 * stands for each stage that does not say otherwise.
 *
 * @param at Where the recipe stands, for errors.
 * @throws {PropriaError} `RECIPE_INVALID`, naming the stage and the first thing in it that cannot be; a misspelt name goes first.
 */
export function readRecipe(value: unknown, at = "recipe"): Stage[] {
  const invalid = (place: string, what: string, why: { mend?: string; cause?: unknown } = {}) =>
    new PropriaError("RECIPE_INVALID", what, { at: place === "" ? at : `${at}: ${place}`, ...why });
  const { defaults = {}, ...given } = (
    Array.isArray(value) ? { stages: value } : typeof value === "object" && value !== null ? value : { stages: value }
  ) as { defaults?: unknown; stages?: unknown };
  if (typeof defaults !== "object" || defaults === null) throw invalid("defaults", "expected options of stages");
  const merged = Array.isArray(given.stages)
    ? { ...given, stages: given.stages.map((each) => (isObject(each) ? withDefaults(each, defaults) : each)) }
    : given;
  const { data, error } = recipe.safeParse(merged);
  if (error) {
    const misspelt = error.issues.find((issue) => issue.code === "unrecognized_keys");
    const { path, message } = misspelt ?? error.issues[0]!;
    const place = nameStage(path, merged.stages);
    if (misspelt === undefined) throw invalid(place, message, { cause: error });
    const name = misspelt.keys[0]!;
    const { shape } = path.at(-1) === "mine" ? mine : stage;
    const near = nearestName(name, path.length === 0 ? ["stages", "defaults"] : Object.keys(shape));
    throw invalid(place, `there is no option ${name}`, {
      ...(near && { mend: `did you mean ${near}?` }),
      cause: error,
    });
  }
  const names = new Set<string>();
  for (const each of data.stages) {
    if (names.has(each.name)) throw invalid(each.name, "two stages have this name");
    for (const [option, model] of Object.entries(modelsOf(each)))
      if (!["previous", "start"].includes(model) && !names.has(model) && !existsSync(model))
        throw invalid(`${each.name}: ${option}`, `neither an earlier stage nor a folder is called ${model}`);
    const { negatives } = each;
    if (typeof negatives === "object" && "file" in negatives && !existsSync(negatives.file))
      throw invalid(`${each.name}: negatives`, `no file ${negatives.file}`);
    const unfit = unfitOptions(each);
    if (unfit) throw invalid(each.name, unfit.what, { cause: unfit.cause });
    names.add(each.name);
  }
  return data.stages;
}

/** A stage with what the defaults say; its own words win, over what would contradict them too. */
function withDefaults(stage: object, defaults: object): object {
  const contradicted = new Set<string>();
  if ("steps" in stage) contradicted.add("epochs");
  if ("epochs" in stage) contradicted.add("steps");
  if ("negatives" in stage && stage.negatives === "in-batch") contradicted.add("groupSize");
  const kept = Object.entries(defaults).filter(([name]) => !contradicted.has(name));
  return { ...Object.fromEntries(kept), ...stage };
}

/** The models that a stage names, by the option that does. */
export const modelsOf = ({
  init = "previous",
  negatives,
}: Stage): { init: string; "negatives.mine.with"?: string } => ({
  init,
  ...(typeof negatives === "object" && "mine" in negatives && { "negatives.mine.with": negatives.mine.with }),
});

/** What single options cannot say: which do not go together. */
function unfitOptions(each: Stage): { what: string; cause: unknown } | undefined {
  try {
    settingsOf(each);
    return undefined;
  } catch (cause) {
    if (!isPropriaError(cause)) throw cause;
    return { what: cause.message.split("fine-tuning: ")[1] ?? cause.message, cause };
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** `stages.1.epochs` by the stage's name, where it has one. */
function nameStage(path: readonly PropertyKey[], stages: unknown): string {
  const [first, place, ...rest] = path;
  if (first !== "stages" || typeof place !== "number" || !Array.isArray(stages)) return path.join(".");
  const name = (stages[place] as { name?: unknown } | undefined)?.name;
  return [typeof name === "string" ? name : `stage ${place + 1}`, rest.join(".")].filter(Boolean).join(": ");
}
