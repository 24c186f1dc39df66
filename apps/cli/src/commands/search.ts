import { PropriaError } from "@propria/base";
import { openCollection, queriesOf, writeRun } from "@propria/collection";
import { bm25, type InvertedIndex, queryLikelihood, searchAll } from "@propria/lexical";
import type { ScoredDocument } from "@propria/metrics";
import { analyzer, readStopWords } from "@propria/tokenizer";
import { defaulted, integer, number, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { indexCorpus } from "../steps/index-corpus.ts";

/** `propria search` */
export default defineCommand({
  description: "Answers the judged queries of a collection's split by matching words, and writes a TREC run.",
  examples: [
    "propria search --bm25 --stem --collection cranfield --split test --out bm25.run",
    "propria search --ql --mu 500 --collection cranfield --split test --out ql.run",
  ],
  flags: {
    bm25: toggle("BM25 in Lucene's form; this or --ql"),
    ql: toggle("query likelihood with Dirichlet smoothing"),
    k1: number("X", "of --bm25: how slowly repeated words saturate; default 0.9", { min: 0 }),
    b: number("X", "of --bm25: how much long documents are held back; default 0.4", { min: 0, max: 1 }),
    mu: number("X", "of --ql: the prior's weight in words; default 1000", { above: 0 }),
    stem: toggle("reduce words to Porter stems"),
    stopwords: text("FILE", "words to leave out, one a line, instead of Lucene's 33"),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judged queries are answered"), "test"),
    depth: defaulted(integer("N", "documents for each query"), 1000),
    out: required(text("RUN", "file to write, in TREC's six columns")),
  },
  async run(flags, { progress, print, echoSettings }) {
    const search = modelOf(flags);
    mustBeNew(flags.out);
    const collection = await openCollection(flags.collection);
    const queries = await queriesOf(collection, flags.split);
    const stopWords = flags.stopwords === undefined ? undefined : await readStopWords(flags.stopwords);
    const index = await indexCorpus(collection, analyzer(given({ stem: flags.stem, stopWords })), progress);
    const step = progress.start("searching", "queries");
    let answered = 0;
    const run = await searchAll(queries, (query) => {
      const found = search.score(index, query);
      step.update(++answered, queries.length);
      return found;
    });
    step.end(`${answered} queries`);
    await writeRun(flags.out, run, { tag: search.tag });
    await echoSettings(flags.out);
    print(`${flags.out}: ${answered} queries, ${index.documentCount} documents, ${search.tag}`);
  },
});

interface Search {
  /** The run's tag. */
  tag: string;
  score(index: InvertedIndex, query: string): ScoredDocument[];
}

interface SearchFlags {
  bm25: boolean;
  ql: boolean;
  k1: number | undefined;
  b: number | undefined;
  mu: number | undefined;
  depth: number;
}

/** @throws {PropriaError} `FLAG_CONFLICT` unless one of `--bm25` and `--ql` is given, and only its own parameters. */
function modelOf({ bm25: asBm25, ql, k1, b, mu, depth }: SearchFlags): Search {
  if (asBm25 === ql) throw new PropriaError("FLAG_CONFLICT", "needs one of --bm25 and --ql", { at: "propria search" });
  refuseForeign(asBm25 ? { mu } : { k1, b }, asBm25 ? "--bm25" : "--ql");
  return asBm25
    ? { tag: "bm25", score: (index, query) => bm25(index, query, given({ k1, b, depth })) }
    : { tag: "ql", score: (index, query) => queryLikelihood(index, query, given({ mu, depth })) };
}
