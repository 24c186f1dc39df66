import { type Corpus, openCollection } from "@propria/collection";
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
import type { ProgressDisplay } from "../program/progress.ts";
import { requireJudged } from "../search/same-collection.ts";
import { withBiEncoder } from "../steps/bi-encoder.ts";
import { buildIndex } from "../steps/build-index.ts";
import { documentTexts, encoded } from "../steps/encode.ts";
import { mustBeIndex } from "../steps/folder-kind.ts";
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
    if (indexFolder !== undefined) await mustBeIndex(indexFolder);
    const encoding = indexFolder === undefined ? flags : (await modelFor(indexFolder, folder, flags)).encoding;
    const report = await withBiEncoder(folder, { ...flags, ...encoding }, context, async (model) => {
      const { dimensions, space } = model;
      const batches = () => encoded(model, documentTexts(collection), { side: "document", progress: context.progress });
      const index =
        indexFolder === undefined
          ? await buildIndex({ type: "exact", ...running }, { dimensions, space, batches })
          : await openIndex(indexFolder, { space, ...given(running) });
      try {
        const documents = indexFolder === undefined ? index : await idsOf(collection, context.progress);
        if (indexFolder !== undefined) {
          const lacks = requireJudged({
            has: index.has,
            ...{ at: indexFolder, qrels: await collection.qrels(split), collection: collection.name, split },
            mend: "leave out --index, or index this collection: propria index --model DIR --corpus PATH --out DIR",
          });
          if (lacks !== undefined) context.note(lacks);
        }
        const step = context.progress.start("mining", "queries");
        const mined = mineNegatives({
          ...{ model, index, collection, documents, split, depth, keep, seed, falseNegativeMargin, dropLikelyFalse },
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
    const compared = `${report.compared} candidates of the ${report.positiveFound} queries with a positive there`;
    context.print(
      `likely false negatives${dropLikelyFalse ? ", left out" : ""}: ${report.likelyFalse} of the ${compared}`,
    );
  },
});

/** The ids of a corpus, in memory: a mined document that is none of them could not be learnt from. */
async function idsOf(corpus: Corpus, progress: ProgressDisplay): Promise<ReadonlySet<string>> {
  const step = progress.start("reading the corpus", "documents");
  const ids = new Set<string>();
  for await (const { id } of corpus.documents()) step.update(ids.add(id).size);
  step.end(`${ids.size} documents`);
  return ids;
}
