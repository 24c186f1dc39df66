import { PropriaError } from "@propria/base";
import { openCollection } from "@propria/collection";
import { type BiEncoderTraining, finetuneBiEncoder } from "@propria/rankers";
import { choice, defaulted, integer, number, required, text, toggle } from "../flags/flag.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finetuningDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";

/** `propria finetune bi-encoder` */
export default defineCommand({
  description:
    "Fine-tunes a bi-encoder on the judgments of a collection: the vector of a query shall be nearer to that of its positive than to " +
    "all others of the batch, its own negatives and those of the other queries.",
  examples: [
    "propria finetune bi-encoder --collection wikiqa --split train --init costa --epochs 3 --out bi",
    "propria finetune bi-encoder --collection wikiqa --init bi --negatives mined.jsonl --epochs 3 --out bi-2",
  ],
  onInterrupt: "resumes",
  flags: {
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judgments are learnt"), "train"),
    init: required(text("DIR", "model to start from: any encoder")),
    negatives: defaulted(
      text("bm25|in-batch|FILE", "BM25's, those of the other queries alone, or a run or JSON lines with each query's"),
      "bm25",
    ),
    negativesDepth: integer(
      "N",
      "documents from the top of a ranking that are negatives; default: 200, of JSON lines all",
    ),
    keep: defaulted(integer("N", "negatives kept of those for each query, drawn once"), 30),
    groupSize: integer("N", "passages of a query in an update: a positive and negatives; default: 8, in-batch 1"),
    positives: defaulted(
      choice(["one", "each"], "of a query's positives the next one in each epoch, or each as an example of its own"),
      "one",
    ),
    pooling: choice(["cls", "mean"], "what becomes of the hidden states; default: what --init says, else cls"),
    similarity: choice(["dot", "cosine"], "how vectors are compared; default: what --init says, else dot"),
    temperature: number("X", "divides the scores; default: 1 for dot, 0.05 for cosine", { above: 0 }),
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
    distillWeight: number("X", "of --distill: its share of the loss; default: 1, nothing else", { above: 0, max: 1 }),
    queryPrefix: text("TEXT", "stands before each query; default: what --init says, else nothing"),
    documentPrefix: text("TEXT", "stands before each document; likewise"),
    queryTokens: defaulted(integer("N", "longest query, special tokens included", { min: 3, max: 512 }), 32),
    chunk: integer("N", "queries computed at a time: less memory, the same loss; default: all of the batch"),
    ...trainingFlags({ batch: 8, unit: "queries", lr: "5e-6", longest: "128" }),
    ...engineFlags,
  },
  async run({ collection, negatives, distill, distillLoss, distillWeight, lr, steps, epochs, ...others }, context) {
    const { signal, print, note, echoSettings } = context;
    const length = lengthOf(steps, epochs);
    const teacher = teacherOf(distill, distillLoss, distillWeight);
    const display = finetuningDisplay("fine-tuning", context);
    const result = await finetuneBiEncoder({
      collection: await openCollection(collection),
      negatives: negatives === "bm25" || negatives === "in-batch" ? negatives : { file: negatives },
      ...length,
      ...teacher,
      ...given({ ...others, learningRate: lr }),
      signal,
      onPrepare: display.onPrepare,
      onStart: ({ queries, shortOfNegatives, taught, contract }) => {
        const short = shortOfNegatives > 0 ? `, ${shortOfNegatives} of them short of negatives` : "";
        const scored =
          distill === undefined ? "" : `; the teacher scored ${(100 * taught).toFixed(1)} % of their documents`;
        note(`${queries} queries${short}; ${contract.pooling} pooling, ${contract.similarity}${scored}`);
      },
      onProgress: display.onProgress,
    });
    display.end();
    await echoSettings(result.folder);
    print(`${result.folder}: ${result.steps} steps, loss ${result.loss.toFixed(4)}`);
  },
});

/** @throws {PropriaError} `FLAG_CONFLICT` for its parameters without a teacher. */
function teacherOf(
  run: string | undefined,
  loss: "marginMse" | "kl" | undefined,
  weight: number | undefined,
): Pick<BiEncoderTraining, "distill"> {
  if (run !== undefined) return { distill: { run, loss: loss ?? "marginMse", ...given({ weight }) } };
  if (loss === undefined && weight === undefined) return {};
  throw new PropriaError("FLAG_CONFLICT", "needs --distill RUN", {
    at: loss === undefined ? "--distill-weight" : "--distill-loss",
  });
}
