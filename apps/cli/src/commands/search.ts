import { PropriaError } from "@propria/base";
import { openCollection, queriesOf, writeRun } from "@propria/collection";
import { encodingFlags } from "../flags/encoding.ts";
import { defaulted, integer, number, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { searchingFlags } from "../flags/indexing.ts";
import { engineFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";
import { searchVectors, type VectorFlags } from "../search/vectors.ts";
import { searchWords, type WordFlags } from "../search/words.ts";

/** `propria search` */
export default defineCommand({
  description:
    "Answers the judged queries of a collection's split, by vectors or by matching words, and writes a TREC run. " +
    "The tag of a run by vectors carries the hash of their space.",
  examples: [
    "propria search --index index --collection wikiqa --split test --out dense.run",
    "propria search --bm25 --stem --collection cranfield --split test --out bm25.run",
    "propria search --ql --mu 500 --collection cranfield --split test --out ql.run",
    "propria search --bm25 --term-weights weights.jsonl --stem --collection cranfield --split test --out deep-ct.run",
  ],
  flags: {
    index: text("DIR", "what propria index wrote; this, --bm25 or --ql"),
    bm25: toggle("BM25 in Lucene's form"),
    ql: toggle("query likelihood with Dirichlet smoothing"),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judged queries are answered"), "test"),
    depth: defaulted(integer("N", "documents for each query"), 1000),
    out: required(text("RUN", "file to write, in TREC's six columns")),
    k1: number("X", "of --bm25: how slowly repeated words saturate; default: 0.9, with --term-weights 10", { min: 0 }),
    b: number("X", "of --bm25: how much long documents are held back; default: 0.4, with --term-weights 0.9", {
      min: 0,
      max: 1,
    }),
    termWeights: text(
      "DIR|FILE",
      "of --bm25: term frequencies in place of counts: a DeepCT model, or what propria weigh wrote with one",
    ),
    mu: number("X", "of --ql: the prior's weight in words; default: 1000", { above: 0 }),
    stem: toggle("of --bm25 and --ql: reduce words to Porter stems"),
    stopwords: text("FILE", "of --bm25 and --ql: words to leave out, one a line, instead of Lucene's 33"),
    model: text("DIR", "of --index: the model that made its vectors; default: where it was when they were made"),
    ...searchingFlags,
    ...encodingFlags,
    ...engineFlags,
  },
  async run(flags, context) {
    checkKind(flags);
    mustBeNew(flags.out);
    const collection = await openCollection(flags.collection);
    const queries = await queriesOf(collection, flags.split);
    const { run, tag, documents } =
      flags.index === undefined
        ? await searchWords(flags, collection, queries, context)
        : await searchVectors(flags.index, flags, collection, queries, context);
    await writeRun(flags.out, run, { tag });
    await context.echoSettings(flags.out);
    context.print(`${flags.out}: ${queries.length} queries, ${documents} documents, ${tag}`);
  },
});

/** @throws {PropriaError} `FLAG_MISSING` or `FLAG_CONFLICT` unless one of the three is given, and only its own parameters. */
function checkKind(flags: { index: string | undefined; ql: boolean } & WordFlags & VectorFlags): void {
  const { index, bm25, ql } = flags;
  const ways = Object.entries({ "--index": index !== undefined, "--bm25": bm25, "--ql": ql }).filter(([, on]) => on);
  if (ways.length === 0)
    throw new PropriaError("FLAG_MISSING", "needs one of --index DIR, --bm25 and --ql", { at: "search" });
  if (ways.length > 1)
    throw new PropriaError(
      "FLAG_CONFLICT",
      `${ways.map(([name]) => name).join(" and ")} are several ways of searching`,
      {
        at: "search",
        mend: "give one; propria fuse brings the runs of two together",
      },
    );
  const { k1, b, termWeights, mu, stem, stopwords, model, efSearch, nprobe, candidates } = flags;
  const { pooling, similarity, maxTokens, queryPrefix, documentPrefix, base, adapterFile } = flags;
  const encoding = { pooling, similarity, maxTokens, queryPrefix, documentPrefix, base, adapterFile };
  const ofIndex = { model, efSearch, nprobe, candidates, ...encoding };
  if (index !== undefined) refuseForeign({ k1, b, termWeights, mu, stem, stopwords }, "--index");
  else if (bm25) refuseForeign({ mu, ...ofIndex }, "--bm25");
  else refuseForeign({ k1, b, termWeights, ...ofIndex }, "--ql");
}
