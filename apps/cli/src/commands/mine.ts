import { openCollection } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import { mineNegatives, writeNegatives } from "@propria/rankers";
import { encodingFlags } from "../flags/encoding.ts";
import { defaulted, integer, number, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { searchingFlags } from "../flags/indexing.ts";
import { engineFlags } from "../flags/training.ts";
import { withCleanExit } from "../program/clean-exit.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { withBiEncoder } from "../steps/bi-encoder.ts";
import { buildIndex } from "../steps/build-index.ts";
import { documentTexts, encoded } from "../steps/encode.ts";
import { modelFor } from "../steps/recorded-model.ts";

/** `propria mine` */
export default defineCommand({
  description:
    "Finds hard negatives for the training queries: documents that the model ranks high and nobody judged relevant, as JSON lines for " +
    "propria finetune --negatives FILE.",
  examples: [
    "propria mine --model bi --collection wikiqa --split train --depth 200 --keep 30 --out mined.jsonl",
    "propria mine --model bi --index index --collection wikiqa --out mined.jsonl",
  ],
  flags: {
    model: required(text("DIR", "bi-encoder")),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose queries get negatives"), "train"),
    index: text("DIR", "index of the collection's documents by the model; default: an exact one, made for the purpose"),
    depth: defaulted(integer("N", "documents from the top of a ranking, positives included"), 200),
    keep: defaulted(integer("N", "negatives kept of those for each query, drawn by the seed"), 30),
    seed: defaulted(integer("N", "of the draw", { min: 0 }), 1),
    falseNegativeMargin: defaulted(
      number("X", "a candidate is likely relevant from this share of its best positive's score on", { above: 0 }),
      1,
    ),
    dropLikelyFalse: toggle("leave those out, for queries with a positive within the depth"),
    scores: toggle("write the scores too"),
    out: required(text("FILE", "file of JSON lines to write; compressed where it ends in .gz")),
    ...searchingFlags,
    ...encodingFlags,
    ...engineFlags,
  },
  async run({ model: folder, collection: path, index: indexFolder, out, scores, split, ...flags }, context) {
    const { depth, keep, seed, falseNegativeMargin, dropLikelyFalse, threads, efSearch, nprobe, candidates } = flags;
    const running = { threads, efSearch, nprobe, candidates };
    if (indexFolder === undefined) refuseForeign({ efSearch, nprobe, candidates }, "mining without --index");
    mustBeNew(out);
    const collection = await openCollection(path);
    const encoding = indexFolder === undefined ? flags : (await modelFor(indexFolder, folder, flags)).encoding;
    const report = await withBiEncoder(folder, { ...flags, ...encoding }, context, async (model) => {
      const { dimensions, space } = model;
      const batches = () => encoded(model, documentTexts(collection), { side: "document", progress: context.progress });
      const index =
        indexFolder === undefined
          ? await buildIndex({ type: "exact", ...running }, { dimensions, space, batches })
          : await openIndex(indexFolder, { space, ...given(running) });
      try {
        const step = context.progress.start("mining", "queries");
        const mined = mineNegatives({
          ...{ model, index, collection, split, depth, keep, seed, falseNegativeMargin, dropLikelyFalse },
          onProgress: ({ queries, totalQueries }) => step.update(queries, totalQueries),
        });
        const report = await withCleanExit([`${out}.tmp`], () => writeNegatives(out, mined, { scores }));
        step.end(`${report.queries} queries`);
        return report;
      } finally {
        await index.release();
      }
    });
    await context.echoSettings(out);
    context.print(`${out}: ${report.negatives} negatives of ${report.queries} queries`);
    context.print(`fewer than ${keep} negatives: ${report.short} queries`);
    context.print(`no positive in the top ${depth}: ${report.positiveNotFound} queries`);
    const suspected = `${report.likelyFalse} candidates${dropLikelyFalse ? ", left out" : ""}`;
    context.print(`likely false negatives: ${suspected}; of the ${report.positiveFound} queries with a positive there`);
  },
});
