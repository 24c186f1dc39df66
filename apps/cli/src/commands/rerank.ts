import { PropriaError } from "@propria/base";
import { openCollection, type QueryRanking, queriesOf, readRankings, writeRun } from "@propria/collection";
import { checkRanking, documentReading, openReranker, rerankStream } from "@propria/rankers";
import { savedAdapterFlags, savedAdapterOf } from "../flags/adapter.ts";
import { defaulted, integer, required, text } from "../flags/flag.ts";
import { passageFlags, readingOf } from "../flags/passages.ts";
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
    "propria rerank --model cross --passages max --run bm25.run --collection robust04 --split test --out cross.run",
  ],
  flags: {
    model: required(
      text("DIR", "cross-encoder, DRMM, K-NRM or Conv-KNRM, or an encoder pre-trained with a ranking head"),
    ),
    run: required(text("RUN", "run whose top is reordered; documents below --depth are left out")),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "the run's queries without a judgment in it are left out"), "test"),
    depth: defaulted(integer("N", "documents of each query"), 100),
    ...passageFlags("as the model was trained, else first"),
    out: required(text("RUN", "file to write, in TREC's six columns")),
    ...savedAdapterFlags,
    ...engineFlags,
  },
  async run({ model: folder, run: runFile, collection: path, split, depth, out, ...flags }, context) {
    const { progress, print, echoSettings } = context;
    const { backend, threads } = flags;
    const asked = readingOf(flags);
    mustBeNew(out);
    const collection = await openCollection(path);
    const texts = new Map((await queriesOf(collection, split)).map(({ id, text }) => [id, text]));
    async function* wanted(): AsyncGenerator<QueryRanking> {
      for await (const ranking of readRankings(runFile)) if (texts.has(ranking.queryId)) yield ranking;
    }
    if (await isEmpty(wanted()))
      throw new PropriaError("OTHER_COLLECTION", `answers none of the judged queries of ${path}, split ${split}`, {
        at: runFile,
        mend: "give a run over this collection and this split",
      });
    const { model, name } = await openReranker(folder, {
      ...given({ backend, threads }),
      ...(await savedAdapterOf(flags)),
    });
    try {
      const reading = documentReading(model.passages, asked);
      let queries = 0;
      let scored = "";
      await withStoredDocuments(collection, { out, progress }, async (documents) => {
        let totalPairs = 0;
        for await (const ranking of wanted()) {
          queries++;
          totalPairs += checkRanking(ranking, texts, documents, { depth });
        }
        const step = progress.start("re-ranking", "pairs");
        const started = performance.now();
        const onProgress = ({ pairs, passages }: { pairs: number; passages: number }) => {
          const pace = `${((1000 * pairs) / (performance.now() - started)).toFixed(1)} pairs/s`;
          scored = `${pairs} pairs${reading.score === "first" ? "" : ` in ${passages} passages`}, ${pace}`;
          step.update(pairs, totalPairs, pace);
        };
        const options = { depth, passages: reading, onProgress };
        await writeRun(out, rerankStream(model, wanted(), texts, documents, options), { tag: name });
        step.end();
      });
      await echoSettings(out, { reading });
      print(`${out}: ${queries} queries, the top ${depth} of each, ${scored}`);
    } finally {
      await model.release();
    }
  },
});

async function isEmpty(stream: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of stream) return false;
  return true;
}
