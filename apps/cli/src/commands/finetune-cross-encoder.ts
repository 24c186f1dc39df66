import { openCollection } from "@propria/collection";
import { finetuneCrossEncoder, rankingLosses, type TrainingStart, trainingPassages } from "@propria/rankers";
import { adapterFlags, adapterOf, savedAdapterFlags, savedAdapterOf } from "../flags/adapter.ts";
import { choice, defaulted, integer, required, text } from "../flags/flag.ts";
import { labelsFlag } from "../flags/labels.ts";
import { passageFlags, readingOf } from "../flags/passages.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finalLoss, finetuningDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";
import { negativesOf } from "../training/negatives.ts";
import { crossValidated, validated, validatingOf, validationFlags } from "../training/validation.ts";

/** `propria finetune cross-encoder` */
export default defineCommand({
  description:
    "Fine-tunes a cross-encoder on the judgments of a collection: one positive against negatives of each query.",
  examples: [
    "propria finetune cross-encoder --collection wikiqa --split train --init prop --epochs 2 --out cross",
    "propria finetune cross-encoder --collection wikiqa --validate dev --patience 3 --init prop --epochs 10 --out cross",
    "propria finetune cross-encoder --collection cranfield --folds 5 --init prop --epochs 10 --out cross-cranfield",
  ],
  onInterrupt: "resumes",
  trains: true,
  flags: {
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    ...validationFlags,
    queries: integer(
      "N",
      "learn from N of the split's queries, drawn by --seed: the first 10 are among the first 50; default: all",
    ),
    init: required(text("DIR", "model to start from: an encoder, with or without a ranking head")),
    head: defaulted(
      choice(
        ["auto", "carry", "fresh"],
        "the ranking head at the start: that of --init if it has one, in any case, or a fresh one",
      ),
      "auto",
    ),
    negatives: defaulted(text("bm25|FILE", "bm25, or a run or JSON lines with each query's"), "bm25"),
    negativesDepth: integer(
      "N",
      "documents from the top of a ranking that are negatives; default: 100, of JSON lines all",
    ),
    loss: defaulted(choice(rankingLosses, "what is minimised"), "groupSoftmax"),
    labels: labelsFlag,
    groupSize: defaulted(integer("N", "documents in a group: one positive, the others negatives", { min: 2 }), 2),
    queryTokens: integer("N", "pieces of the query that are read; default: 64, less where --max-tokens is short"),
    trainPassages: choice(
      trainingPassages,
      "learn from passages: the first of a document, any, or the first more often than each other; default: from its start",
    ),
    ...adapterFlags,
    ...savedAdapterFlags,
    ...passageFlags("first, or max with another flag of passages"),
    ...trainingFlags({
      batch: 16,
      unit: "groups",
      epochs: 2,
      lr: "3e-5",
      longest: "what --init was trained on, if it says, or 512",
    }),
    ...engineFlags,
  },
  async run(
    { collection, negatives, lr, steps, epochs, adapter, adapterOption, base, adapterFile, ...flags },
    context,
  ) {
    const { signal, print, note, echoSettings } = context;
    const { validate, folds, candidates, candidatesDepth, measure, validateEvery, patience, ...unvalidated } = flags;
    const { passages: _, passageWords, passageStride, passagesMost, trainPassages: train, ...others } = unvalidated;
    const validating = await validatingOf(flags);
    const reading = readingOf(flags, train !== undefined);
    const display = finetuningDisplay("fine-tuning", context);
    const training = {
      negatives: negativesOf(negatives, ["bm25"]),
      ...lengthOf(steps, epochs),
      ...(await adapterOf({ adapter, adapterOption, init: flags.init, pooler: true }, context)),
      ...(await savedAdapterOf({ base, adapterFile })),
      collection: await openCollection(collection),
      ...given({ ...others, learningRate: lr, passages: train === undefined ? reading : { ...reading, train } }),
      signal,
      onStart({ head, queries, shortOfNegatives }: TrainingStart) {
        const short = shortOfNegatives > 0 ? `; ${shortOfNegatives} get random negatives besides` : "";
        note(`${queries} queries${short}; ranking head: ${head === "carried" ? "that of the model" : "fresh"}`);
      },
    };
    if (validating.folds !== undefined) return crossValidated({ ...training, ...validating }, context, display);
    const { onPrepare, onProgress, onValidation, end } = display;
    const result = await finetuneCrossEncoder({ ...training, ...validating, onPrepare, onProgress, onValidation });
    end();
    await echoSettings(result.folder);
    print(
      `${result.folder}: ${result.steps} steps, ${finalLoss(result.loss)}${validated(result.validation, validate)}`,
    );
  },
});
