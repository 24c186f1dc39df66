import { openCollection } from "@propria/collection";
import { trainTermWeights } from "@propria/rankers";
import { choice, defaulted, required, text } from "../flags/flag.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finalLoss, finetuningDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";

/** `propria finetune term-weights` */
export default defineCommand({
  description:
    "Trains DeepCT: an encoder that gives each word of a passage the share of its queries that hold the word. " +
    "propria weigh makes term frequencies of that, which search --bm25 takes in place of counts.",
  examples: ["propria finetune term-weights --collection wikiqa --split train --init prop --epochs 3 --out deep-ct"],
  onInterrupt: "resumes",
  trains: true,
  flags: {
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judgments are learnt"), "train"),
    init: required(text("DIR", "encoder to start from")),
    stopwords: defaulted(
      choice(
        ["english", "lucene", "none"],
        "words that are no targets; english stands in for DeepCT's own list. A guess",
      ),
      "english",
    ),
    longPassages: defaulted(
      choice(["cut", "windows"], "of a passage longer than --max-tokens its beginning alone, or each window of it"),
      "cut",
    ),
    ...trainingFlags({ batch: 16, unit: "passages", epochs: 3, lr: "2e-5", longest: "128" }),
    ...engineFlags,
  },
  async run({ collection, stopwords, lr, steps, epochs, ...others }, context) {
    const { signal, print, echoSettings } = context;
    const length = lengthOf(steps, epochs);
    const display = finetuningDisplay("training term weights", context);
    const result = await trainTermWeights({
      collection: await openCollection(collection),
      stopWords: stopwords,
      ...length,
      ...given({ ...others, learningRate: lr }),
      signal,
      onPrepare: display.onPrepare,
      onProgress: display.onProgress,
    });
    display.end();
    await echoSettings(result.folder);
    print(`${result.folder}: ${result.steps} steps over ${result.passages} passages, ${finalLoss(result.loss)}`);
  },
});
