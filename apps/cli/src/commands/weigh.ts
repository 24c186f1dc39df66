import { writeFileAtomically } from "@propria/base";
import { openCorpus } from "@propria/collection";
import { DEEP_CT_BM25 } from "@propria/rankers";
import { choice, defaulted, integer, required, text, toggle } from "../flags/flag.ts";
import { engineFlags } from "../flags/training.ts";
import { withCleanExit } from "../program/clean-exit.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { weighedDocuments } from "../term-weights/documents.ts";
import { weightedLine } from "../term-weights/file.ts";
import { openWeigher } from "../term-weights/open.ts";

/** `propria weigh` */
export default defineCommand({
  description:
    "Gives the words of a corpus the term frequencies of a DeepCT model: JSON lines as Anserini's JsonVectorCollection has them, " +
    "for propria search --bm25 --term-weights FILE.",
  examples: ["propria weigh --model deep-ct --corpus wikiqa --out weights.jsonl.gz"],
  flags: {
    model: required(text("DIR", "what propria finetune term-weights wrote")),
    corpus: required(text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH")),
    scale: defaulted(integer("N", "the frequency of a word of weight 1"), 100),
    smoothing: defaulted(choice(["none", "sqrt"], "frequencies by the weights, or by their square roots"), "none"),
    keepAllWords: toggle("words whose weight comes to nothing have frequency 1 instead of being left out"),
    longPassages: choice(["cut", "windows"], "what becomes of longer passages; default: as the model was trained"),
    out: required(text("FILE", "file to write; compressed where it ends in .gz")),
    ...engineFlags,
  },
  async run({ model: folder, corpus, out, longPassages, backend, threads, ...frequencies }, context) {
    mustBeNew(out);
    const documents = await openCorpus(corpus);
    const model = await openWeigher(folder, given({ longPassages, backend, threads }));
    const counts = { written: 0, skipped: 0 };
    try {
      await withCleanExit([`${out}.tmp`], () => writeFileAtomically(out, lines()));
    } finally {
      await model.release();
    }
    await context.echoSettings(out, { bm25: DEEP_CT_BM25[frequencies.smoothing] });
    const without = counts.skipped > 0 ? `, ${counts.skipped} without a word are left out` : "";
    context.print(`${out}: ${counts.written} documents${without}`);

    async function* lines() {
      for await (const document of weighedDocuments(model, documents, {
        ...frequencies,
        counts,
        progress: context.progress,
      })) {
        counts.written++;
        yield weightedLine(document);
      }
    }
  },
});
