import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PropriaError, surroundingsError } from "@propria/base";
import { type Document, openCorpus } from "@propria/collection";
import { wordKindNames } from "@propria/rop-sampler";
import { choice, defaulted, integer, list, required, text, toggle } from "../flags/flag.ts";
import { engineFlags } from "../flags/training.ts";
import { stopWordFlag, stopWordsOf } from "../flags/words.ts";
import { type Attended, countWords, withAttention } from "../keywords/background.ts";
import { type Keywords, keywordsOf } from "../keywords/keywords.ts";
import { keywordJson, keywordTable } from "../keywords/listing.ts";
import { writePicture } from "../keywords/picture.ts";
import { withCleanExit } from "../program/clean-exit.ts";
import { defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";

/** `propria keywords` */
export default defineCommand({
  description:
    "The words that represent a document, best first, in three readings side by side: its language model, smoothed by a corpus (PROP); with a model, " +
    "what its [CLS] attends to; and what it attends to there more than in the corpus (B-PROP).",
  examples: [
    "propria keywords README.md --corpus text/ --model minilm --top 10",
    "propria keywords --corpus wikiqa --id D1-0 D1-1 --model minilm --picture words.html",
    "propria keywords --corpus text/ --model minilm --attention attended --json",
  ],
  words: { name: "FILE", about: "texts; none: the documents of the corpus", min: 0, several: true },
  flags: {
    corpus: required(text("PATH", "what is usual: collection, JSONL file, folder of JSONL parts, or FORMAT:PATH")),
    model: text("DIR", "encoder whose attention is looked at; of a text it reads 512 tokens at most"),
    attention: text(
      "DIR",
      "keep the attention to the corpus here, for other runs and as b-prop's option attention=DIR; stopped, it is gone on with",
    ),
    id: list("ID", "without FILE: these documents of the corpus; default: all", { variadic: true }),
    limit: integer("N", "without FILE: at most so many documents"),
    top: defaulted(integer("N", "words of each reading"), 10),
    words: defaulted(
      choice(wordKindNames, "chinese: also the words that ICU's dictionary parts Chinese into"),
      "latin",
    ),
    stopwords: stopWordFlag(
      "that the language model does without",
      "english, and with --words chinese those of chinese besides",
    ),
    json: toggle("print a line of JSON for each document"),
    picture: text("FILE", "draw the distributions: one document as .svg, any number as .html"),
    ...engineFlags,
  },
  async run({ corpus: path, stopwords, top, words, json, picture, ...flags }, context, files) {
    const { id: ids, limit, model, attention } = flags;
    const { print, progress, echoSettings } = context;
    refuseConflicts({ files, ids, limit, model, attention, picture });
    if (picture !== undefined) mustBeNew(picture);
    const background = { corpus: await openCorpus(path), besides: await Promise.all(files.map(readText)), words };
    const stopWords = stopwords === undefined ? undefined : await stopWordsOf(stopwords);
    const counted = await countWords(background, { stopWords, ids: ids ?? [], progress });
    const [absent] = counted.absent;
    if (absent !== undefined)
      throw new PropriaError("NOT_FOUND", `${path} has no document ${JSON.stringify(absent)}`, { at: "--id" });

    const kept = attention ?? (model && mkdtempSync(join(tmpdir(), "propria-attention-")));
    const places = [...(kept && kept !== attention ? [kept] : []), ...(picture ? [`${picture}.tmp`] : [])];
    await withCleanExit(places, async () => {
      try {
        if (model === undefined) await show();
        else await withAttention(background, counted, { ...flags, model, kept: kept! }, progress, show);
      } finally {
        for (const place of places) rmSync(place, { recursive: true, force: true });
      }
    });
    if (picture !== undefined) await echoSettings(picture);

    async function show(attended?: Attended): Promise<void> {
      const found = printed(keywordsOf(background, counted.statistics, attended, { ids, limit }));
      if (picture !== undefined) await writePicture(picture, found, top);
      else for await (const _ of found);
    }

    async function* printed(found: AsyncIterable<Keywords>) {
      let before = "";
      for await (const keywords of found) {
        print(json ? keywordJson(keywords, top) : `${before}${keywordTable(keywords, top).join("\n")}`);
        before = "\n";
        yield keywords;
      }
    }
  },
});

/** @throws {PropriaError} `FLAG_CONFLICT`, `FLAG_MISSING`, `FLAG_VALUE` */
function refuseConflicts({
  files,
  ids,
  limit,
  model,
  attention,
  picture,
}: {
  files: readonly string[];
  ids: readonly string[] | undefined;
  limit: number | undefined;
  model: string | undefined;
  attention: string | undefined;
  picture: string | undefined;
}): void {
  if (files.length > 0 && (ids ?? limit) !== undefined)
    throw new PropriaError("FLAG_CONFLICT", "chooses among the corpus' documents, and FILE asks about none of them", {
      at: ids === undefined ? "--limit" : "--id",
    });
  if (attention !== undefined && model === undefined)
    throw new PropriaError("FLAG_MISSING", "keeps what a model attends to, so it needs --model DIR", {
      at: "--attention",
    });
  if (picture === undefined) return;
  if (!/\.(svg|html)$/.test(picture))
    throw new PropriaError(
      "FLAG_VALUE",
      `expected a name that ends in .svg or .html, found ${JSON.stringify(picture)}`,
      {
        at: "--picture",
      },
    );
  const one = files.length === 1 || ids?.length === 1 || limit === 1;
  if (picture.endsWith(".svg") && !one)
    throw new PropriaError("FLAG_CONFLICT", "an .svg holds one document", {
      at: "--picture",
      mend: "name an .html, or one FILE or --id",
    });
}

/** A file as a document without title. @throws {PropriaError} `NOT_FOUND`, `NO_PERMISSION` */
async function readText(path: string): Promise<Document> {
  try {
    return { id: path, title: "", text: await readFile(path, "utf8") };
  } catch (error) {
    throw surroundingsError(error, path);
  }
}
