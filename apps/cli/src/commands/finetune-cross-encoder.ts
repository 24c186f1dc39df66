import { openCollection } from "@propria/collection";
import { finetuneCrossEncoder, rankingLosses } from "@propria/rankers";
import { choice, defaulted, integer, required, text } from "../flags/flag.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finalLoss, finetuningDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";
import { negativesOf } from "../training/negatives.ts";

/** `propria finetune cross-encoder` */
export default defineCommand({
  description:
    "Fine-tunes a cross-encoder on the judgments of a collection: one positive against negatives of each query.",
  examples: ["propria finetune cross-encoder --collection wikiqa --split train --init prop --epochs 2 --out cross"],
  onInterrupt: "resumes",
  trains: true,
  flags: {
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judgments are learnt"), "train"),
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
    groupSize: defaulted(integer("N", "documents in a group: one positive, the others negatives", { min: 2 }), 2),
    queryTokens: integer("N", "pieces of the query that are read; default: 64, less where --max-tokens is short"),
    ...trainingFlags({
      batch: 16,
      unit: "groups",
      epochs: 2,
      lr: "3e-5",
      longest: "what --init was trained on, if it says, or 512",
    }),
    ...engineFlags,
  },
  async run({ collection, negatives, lr, steps, epochs, ...others }, context) {
    const { signal, print, note, echoSettings } = context;
    const length = lengthOf(steps, epochs);
    const display = finetuningDisplay("fine-tuning", context);
    const result = await finetuneCrossEncoder({
      collection: await openCollection(collection),
      negatives: negativesOf(negatives, ["bm25"]),
      ...length,
      ...given({ ...others, learningRate: lr }),
      signal,
      onPrepare: display.onPrepare,
      onStart: ({ head, queries, shortOfNegatives }) => {
        const short = shortOfNegatives > 0 ? `; ${shortOfNegatives} get random negatives besides` : "";
        note(`${queries} queries${short}; ranking head: ${head === "carried" ? "that of the model" : "fresh"}`);
      },
      onProgress: display.onProgress,
    });
    display.end();
    await echoSettings(result.folder);
    print(`${result.folder}: ${result.steps} steps, ${finalLoss(result.loss)}`);
  },
});
