import { PropriaError } from "@propria/base";
import { openCollection, queriesOf, writeRun } from "@propria/collection";
import { defaulted, integer, number, required, text, toggle } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { engineFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";
import { searchWords } from "../search/words.ts";

/** `propria search` */
export default defineCommand({
  description: "Answers the judged queries of a collection's split by matching words, and writes a TREC run.",
  examples: [
    "propria search --bm25 --stem --collection cranfield --split test --out bm25.run",
    "propria search --ql --mu 500 --collection cranfield --split test --out ql.run",
    "propria search --bm25 --term-weights weights.jsonl --stem --collection cranfield --split test --out deep-ct.run",
  ],
  flags: {
    bm25: toggle("BM25 in Lucene's form; this or --ql"),
    ql: toggle("query likelihood with Dirichlet smoothing"),
    k1: number("X", "of --bm25: how slowly repeated words saturate; default: 0.9, with --term-weights 10", { min: 0 }),
    b: number("X", "of --bm25: how much long documents are held back; default: 0.4, with --term-weights 0.9", {
      min: 0,
      max: 1,
    }),
    mu: number("X", "of --ql: the prior's weight in words; default: 1000", { above: 0 }),
    termWeights: text(
      "DIR|FILE",
      "of --bm25: term frequencies in place of counts: a DeepCT model, or what propria weigh wrote with one",
    ),
    stem: toggle("reduce words to Porter stems"),
    stopwords: text("FILE", "words to leave out, one a line, instead of Lucene's 33"),
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    split: defaulted(text("NAME", "whose judged queries are answered"), "test"),
    depth: defaulted(integer("N", "documents for each query"), 1000),
    out: required(text("RUN", "file to write, in TREC's six columns")),
    ...engineFlags,
  },
  async run(flags, { progress, print, echoSettings }) {
    checkKind(flags);
    mustBeNew(flags.out);
    const collection = await openCollection(flags.collection);
    const queries = await queriesOf(collection, flags.split);
    const { run, tag, documents } = await searchWords(flags, collection, queries, progress);
    await writeRun(flags.out, run, { tag });
    await echoSettings(flags.out);
    print(`${flags.out}: ${queries.length} queries, ${documents} documents, ${tag}`);
  },
});

interface KindFlags {
  bm25: boolean;
  ql: boolean;
  k1: number | undefined;
  b: number | undefined;
  mu: number | undefined;
  termWeights: string | undefined;
}

/** @throws {PropriaError} `FLAG_CONFLICT` unless one of `--bm25` and `--ql` is given, and only its own parameters. */
function checkKind({ bm25, ql, k1, b, mu, termWeights }: KindFlags): void {
  if (bm25 === ql) throw new PropriaError("FLAG_CONFLICT", "needs one of --bm25 and --ql", { at: "propria search" });
  refuseForeign(bm25 ? { mu } : { k1, b, termWeights }, bm25 ? "--bm25" : "--ql");
}
