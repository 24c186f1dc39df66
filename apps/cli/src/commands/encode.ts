import { stat } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { openCollection, openCorpus, queriesOf } from "@propria/collection";
import { writeVectors } from "@propria/dense-index";
import { encodingFlags } from "../flags/encoding.ts";
import { choice, required, text } from "../flags/flag.ts";
import { engineFlags } from "../flags/training.ts";
import { withCleanExit } from "../program/clean-exit.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";
import { withBiEncoder } from "../steps/bi-encoder.ts";
import { documentTexts, encoded, type Texts } from "../steps/encode.ts";
import { recordOf } from "../steps/recorded-model.ts";

/** `propria encode` */
export default defineCommand({
  description:
    "Writes the vectors of documents or of queries to a folder, with the space that they belong to. Memory does not grow with the corpus.",
  examples: [
    "propria encode --model bi --corpus wikiqa --out vectors",
    "propria encode --model bi --queries wikiqa --split test --out query-vectors",
  ],
  flags: {
    model: required(text("DIR", "bi-encoder, one of sentence-transformers included, or a bare encoder")),
    corpus: text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH; this or --queries"),
    queries: text("PATH", "collection, or a JSONL file of queries"),
    split: text("NAME", "of --queries: only those with judgments in it; default: all"),
    quantize: choice(["int8"], "a byte for each number instead of four"),
    out: required(text("DIR", "folder to write")),
    ...encodingFlags,
    ...engineFlags,
  },
  async run({ model: folder, corpus, queries, split, quantize, out, ...flags }, context) {
    const side = sideOf({ corpus, queries, split });
    mustBeNew(out);
    const texts = corpus !== undefined ? documentTexts(await openCorpus(corpus)) : await queryTexts(queries!, split);
    const count = await withBiEncoder(folder, flags, context, (model) =>
      withCleanExit([`${out}.tmp`], async () => {
        const batches = encoded(model, texts, { side, progress: context.progress });
        const { dimensions, space } = model;
        const written = await writeVectors(out, { dimensions, space, ...given({ quantize }) }, batches);
        return written.count;
      }),
    );
    await context.echoSettings(out, { madeBy: recordOf(folder, flags) });
    context.print(`${out}: ${count} ${side === "query" ? "queries" : "documents"}`);
  },
});

/** @throws {PropriaError} `FLAG_MISSING` or `FLAG_CONFLICT` unless it is one of the two. */
function sideOf({ corpus, queries, split }: Record<"corpus" | "queries" | "split", string | undefined>) {
  if ((corpus === undefined) === (queries === undefined))
    throw new PropriaError(
      corpus === undefined ? "FLAG_MISSING" : "FLAG_CONFLICT",
      "needs one of --corpus and --queries",
      {
        at: "encode",
      },
    );
  if (corpus !== undefined && split !== undefined)
    throw new PropriaError("FLAG_CONFLICT", "is no parameter of --corpus", { at: "--split" });
  return corpus === undefined ? "query" : "document";
}

/** Queries of a collection, or the lines of a file. */
async function queryTexts(path: string, split: string | undefined): Promise<Texts> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile && split === undefined) return documentTexts(await openCorpus(path));
  const collection = await openCollection(path);
  if (split === undefined) return () => collection.queries();
  const judged = await queriesOf(collection, split);
  return async function* () {
    yield* judged;
  };
}
