import { PropriaError } from "@propria/base";
import { openCollection, queriesOf, readRun, writeRun } from "@propria/collection";
import type { Run } from "@propria/metrics";
import { openReranker, rerank } from "@propria/rankers";
import { defaulted, integer, required, text } from "../flags/flag.ts";
import { engineFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { withStoredDocuments } from "../steps/stored-documents.ts";

/** `propria rerank` */
export default defineCommand({
  description:
    "Scores the top of a run with a cross-encoder, with DRMM, K-NRM or Conv-KNRM, or with PROP's ranking head as pre-trained, and orders it by that.",
  examples: [
    "propria rerank --model cross --run bm25.run --collection wikiqa --split test --depth 100 --out cross.run",
  ],
  flags: {
    model: required(
      text("DIR", "cross-encoder, DRMM, K-NRM or Conv-KNRM, or an encoder pre-trained with a ranking head"),
    ),
    run: required(text("RUN", "run whose top is reordered; documents below --depth are left out")),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "the run's queries without a judgment in it are left out"), "test"),
    depth: defaulted(integer("N", "documents of each query"), 100),
    out: required(text("RUN", "file to write, in TREC's six columns")),
    ...engineFlags,
  },
  async run({ model: folder, run: runFile, collection: path, split, depth, out, ...engine }, context) {
    const { progress, print, echoSettings } = context;
    mustBeNew(out);
    const collection = await openCollection(path);
    const queries = await queriesOf(collection, split);
    const answered = await readRun(runFile);
    const wanted: Run = new Map([...answered].filter(([queryId]) => queries.some(({ id }) => id === queryId)));
    if (wanted.size === 0)
      throw new PropriaError("OTHER_COLLECTION", `answers none of the judged queries of ${path}, split ${split}`, {
        at: runFile,
        mend: "give a run over this collection and this split",
      });
    const { model, name } = await openReranker(folder, given(engine));
    try {
      await withStoredDocuments(collection, { out, progress }, async (documents) => {
        const step = progress.start("re-ranking", "pairs");
        const reranked = await rerank(model, wanted, queries, documents, {
          depth,
          onProgress: ({ pairs, totalPairs }) => step.update(pairs, totalPairs),
        });
        step.end();
        await writeRun(out, reranked, { tag: name });
      });
    } finally {
      await model.release();
    }
    await echoSettings(out);
    print(`${out}: ${wanted.size} queries, the top ${depth} of each`);
  },
});
