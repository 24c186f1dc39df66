import { existsSync, readdirSync } from "node:fs";
import { PropriaError } from "@propria/base";
import { openCollection } from "@propria/collection";
import { type BiEncoderTraining, finetuneBiEncoder, readRecipe, type StageResult, trainStages } from "@propria/rankers";
import { adapterFlags, adapterOf, savedAdapterFlags, savedAdapterOf } from "../flags/adapter.ts";
import { choice, defaulted, type Flags, integer, number, required, text, toggle, type Values } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { readYaml } from "../flags/yaml-file.ts";
import { type CommandContext, defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finalLoss, finetuningDisplay, stagesDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";
import { mustBeFile, negativesOf } from "../training/negatives.ts";

const flags = {
  collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
  split: defaulted(text("NAME", "whose judgments are learnt"), "train"),
  init: required(text("DIR", "model to start from: any encoder")),
  stages: text(
    "FILE",
    "recipe in JSON or YAML: several trainings, each from an earlier model and on negatives that one mined; what it leaves open is as the other flags say",
  ),
  negatives: defaulted(
    text("bm25|in-batch|FILE", "BM25's, those of the other queries alone, or a run or JSON lines with each query's"),
    "bm25",
  ),
  negativesDepth: integer(
    "N",
    "documents from the top of a ranking that are negatives; default: 200, of BM25's a guess, of JSON lines all",
  ),
  keep: defaulted(integer("N", "negatives kept of those for each query, drawn once"), 30),
  groupSize: integer("N", "passages of a query in an update: a positive and negatives; default: 8, in-batch 1"),
  positives: defaulted(
    choice(["one", "each"], "of a query's positives the next one in each epoch, or each as an example of its own"),
    "one",
  ),
  pooling: choice(["cls", "mean"], "what becomes of the hidden states; default: what --init says, else cls"),
  similarity: choice(["dot", "cosine"], "how vectors are compared; default: what --init says, else dot"),
  temperature: number("X", "divides the scores; default: 0.05 for vectors of length 1, else 1", { above: 0 }),
  symmetric: toggle("learn from positives to queries too"),
  falseNegatives: defaulted(
    choice(
      ["mask", "keep"],
      "positives of a query that stand in the batch for another: left out, or taken as negatives",
    ),
    "mask",
  ),
  distill: text(
    "RUN",
    "scores of a cross-encoder to learn, for the positives and the negatives of the training queries",
  ),
  distillLoss: choice(
    ["marginMse", "kl"],
    "of --distill: differences of scores, or their distribution; default: marginMse",
  ),
  distillWeight: number("X", "of --distill: its share of the loss; default: 1, nothing else. A guess", {
    above: 0,
    max: 1,
  }),
  queryPrefix: text("TEXT", "stands before each query; default: what --init says, else nothing"),
  documentPrefix: text("TEXT", "stands before each document; likewise"),
  queryTokens: integer("N", "longest query, special tokens included; default: 32, at most --max-tokens", {
    min: 3,
    max: 512,
  }),
  weightDecay: number("X", "AdamW's; default: 0", { min: 0 }),
  ...adapterFlags,
  ...savedAdapterFlags,
  chunk: integer("N", "queries computed at a time: less memory, the same loss; default: all of the batch"),
  ...trainingFlags({ batch: 8, unit: "queries", epochs: 3, lr: "5e-6", longest: "128" }),
  ...engineFlags,
} as const satisfies Flags;

/** `propria finetune bi-encoder` */
export default defineCommand({
  description:
    "Fine-tunes a bi-encoder on the judgments of a collection: the vector of a query shall be nearer to that of its positive than to " +
    "all others of the batch, its own negatives and those of the other queries.",
  examples: [
    "propria finetune bi-encoder --collection wikiqa --split train --init costa --epochs 3 --out bi",
    "propria finetune bi-encoder --collection wikiqa --init bi --negatives mined.jsonl --epochs 3 --out bi-2",
    "propria finetune bi-encoder --collection wikiqa --init costa --adapter lora --adapter-option rank=8 --lr 1e-4 --out lora",
    "propria finetune bi-encoder --collection wikiqa --init costa --stages recipe.yaml --out stages",
  ],
  onInterrupt: "resumes",
  trains: true,
  flags,
  async run(flags, context) {
    if (flags.stages !== undefined) return runStages(flags.stages, flags, context);
    const { adapter: _, adapterOption: __, base: ___, adapterFile: ____, ...rest } = flags;
    const { collection, stages: _____, steps, epochs, ...others } = rest;
    const length = lengthOf(steps, epochs);
    refuseUnread(others, "--group-size");
    const options = { ...optionsOf(others), ...(await adapterOf(flags, context)), ...(await savedAdapterOf(flags)) };
    const display = finetuningDisplay("fine-tuning", context);
    const result = await finetuneBiEncoder({
      collection: await openCollection(collection),
      ...options,
      ...length,
      signal: context.signal,
      onPrepare: display.onPrepare,
      onStart: ({ queries, shortOfNegatives, taught, contract }) => {
        const short = shortOfNegatives > 0 ? `, ${shortOfNegatives} of them short of negatives` : "";
        const scored = options.distill ? `; the teacher scored ${(100 * taught).toFixed(1)} % of their documents` : "";
        context.note(`${queries} queries${short}; ${contract.pooling} pooling, ${contract.similarity}${scored}`);
      },
      onProgress: display.onProgress,
    });
    display.end();
    await context.echoSettings(result.folder);
    context.print(`${result.folder}: ${result.steps} steps, ${finalLoss(result.loss)}`);
  },
});

type BiEncoderFlags = Values<typeof flags>;

type Renamed = "negatives" | "distill" | "distillLoss" | "distillWeight" | "lr";

/** What the package calls the flags. */
function optionsOf<F extends Pick<BiEncoderFlags, Renamed>>(flags: F) {
  const { negatives, distill, distillLoss, distillWeight, lr, ...others } = flags;
  return {
    ...given({ ...others, learningRate: lr }),
    ...teacherOf(distill, distillLoss, distillWeight),
    negatives: negativesOf(negatives, ["bm25", "in-batch"]),
  };
}

/** The trainings of a recipe, one after the other. */
async function runStages(file: string, flags: BiEncoderFlags, context: CommandContext): Promise<void> {
  const {
    collection,
    stages: _,
    init,
    out,
    resume,
    checkpointEvery,
    backend,
    threads,
    memory,
    steps,
    epochs,
    adapter,
    adapterOption,
    base,
    adapterFile,
    ...others
  } = flags;
  refuseForeign({ adapter, adapterOption: adapterOption.length > 0, base, adapterFile }, "--stages");
  if (resume !== "auto")
    throw new PropriaError("FLAG_CONFLICT", "goes on where it was stopped in any case", { at: "--stages" });
  const { stages, defaults } = await recipeOf(file);
  const recipe = { stages, defaults: { ...optionsOf(others), ...given({ steps, epochs }), ...defaults } };
  const read = readRecipe(recipe, file);
  for (const stage of read) refuseUnread(stage, `${file}: ${stage.name}: groupSize`);
  refuseOtherFolder(out, read);
  const display = stagesDisplay(context);
  const results = await trainStages({
    recipe,
    collection: await openCollection(collection),
    start: init,
    out,
    ...given({ checkpointEvery, backend, threads, memory }),
    signal: context.signal,
    ...display,
  });
  display.end();
  if (results.every(({ trained }) => trained === undefined)) throw outputExists(out, "all its stages are finished");
  await context.echoSettings(out);
  for (const result of results) context.print(stageLine(result));
}

/** @throws {PropriaError} `FLAG_CONFLICT` for negatives that no update would read. */
function refuseUnread(
  { groupSize, negatives }: { groupSize?: number | undefined; negatives: unknown },
  at: string,
): void {
  if (groupSize === 1 && negatives !== "in-batch")
    throw new PropriaError(
      "FLAG_CONFLICT",
      "of 1 is a positive alone: the negatives that were asked for would never be read",
      {
        at,
        mend: "give 2 or more, or in-batch negatives",
      },
    );
}

/** @throws {PropriaError} `OUTPUT_EXISTS` for a folder that holds a model, or no stage of the recipe. */
function refuseOtherFolder(out: string, stages: readonly { name: string }[]): void {
  const names = existsSync(out) ? readdirSync(out) : [];
  if (names.length === 0) return;
  if (names.includes("propria.json") || !stages.some(({ name }) => names.includes(`${name}.json`)))
    throw outputExists(out, "exists already");
}

const outputExists = (out: string, what: string) =>
  new PropriaError("OUTPUT_EXISTS", what, { at: out, mend: "name another folder, or remove this one" });

async function recipeOf(file: string): Promise<{ stages: unknown; defaults: Record<string, unknown> }> {
  const recipe = await readYaml(file);
  if (Array.isArray(recipe)) return { stages: recipe, defaults: {} };
  const { stages, defaults = {}, ...unknown } = recipe as { stages?: unknown; defaults?: Record<string, unknown> };
  return { ...unknown, stages, defaults };
}

function stageLine({ folder, mined, trained }: StageResult): string {
  if (trained === undefined) return `${folder}: finished before`;
  const negatives =
    mined === undefined
      ? ""
      : `, ${mined.negatives} negatives mined (${mined.likelyFalse} of ${mined.compared} candidates likely false; no positive found for ${mined.positiveNotFound} queries)`;
  return `${folder}: ${trained.steps} steps, ${finalLoss(trained.loss)}${negatives}`;
}

/** @throws {PropriaError} `FLAG_CONFLICT` for its parameters without a teacher. */
function teacherOf(
  run: string | undefined,
  loss: "marginMse" | "kl" | undefined,
  weight: number | undefined,
): Pick<BiEncoderTraining, "distill"> {
  if (run !== undefined) mustBeFile("--distill", run, "a run of the training queries, scored by a cross-encoder");
  if (run !== undefined) return { distill: { run, loss: loss ?? "marginMse", ...given({ weight }) } };
  if (loss === undefined && weight === undefined) return {};
  throw new PropriaError("FLAG_CONFLICT", "needs --distill RUN", {
    at: loss === undefined ? "--distill-weight" : "--distill-loss",
  });
}
