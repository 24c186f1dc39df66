import { PropriaError } from "@propria/base";
import { documentText, openCorpus } from "@propria/collection";
import { interactionWords } from "@propria/rankers";
import { Tokenizer } from "@propria/tokenizer";
import { trainWordVectors, wordVectorOptions, writeWordVectors } from "@propria/word-vectors";
import { kebab, required, text } from "../flags/flag.ts";
import { flagsOfForm } from "../flags/from-form.ts";
import { wordFlags, wordSettingsOf } from "../flags/words.ts";
import { type Command, defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { mustBeNew } from "../program/output.ts";

const options = flagsOfForm(wordVectorOptions);
const fixed = {
  corpus: required(text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH")),
  out: required(text("FILE", "file to write, word2vec's text format; compressed where it ends in .gz")),
  vocab: text(
    "PATH",
    "learn the vectors of this vocabulary's pieces instead of words: a folder, vocab.txt or tokenizer.json",
  ),
  ...wordFlags,
};

/** `propria vectors` */
export default defineCommand<typeof fixed>({
  description: "Learns word vectors from a corpus by CBOW or skip-gram: the same bytes for the same text.",
  examples: [
    "propria vectors --corpus wikiqa --dimensions 300 --out wikiqa.vec",
    "propria vectors --corpus text/ --vocab vocab --dimensions 256 --out pieces.vec",
  ],
  onInterrupt: "stops",
  flags: { ...fixed, ...options },
  async run({ corpus: path, out, vocab, stem, stopwords, wordPattern, segment, ...others }, context) {
    const { progress, print, echoSettings, signal } = context;
    mustBeNew(out);
    const corpus = await openCorpus(path);
    const words =
      vocab === undefined
        ? interactionWords(await wordSettingsOf({ stem, stopwords, wordPattern, segment }))
        : await piecesOf(vocab, { stem, stopwords, wordPattern, segment });
    const step = progress.start("learning word vectors", "texts");
    const vectors = await trainWordVectors(texts, {
      ...given(others),
      signal,
      onProgress: ({ stage, texts }) => step.update(texts, undefined, stage),
    });
    step.end(`${vectors.words.length} words`);
    await writeWordVectors(out, vectors);
    await echoSettings(out);
    print(`${out}: ${vectors.words.length} words, ${vectors.dimensions} dimensions`);

    async function* texts() {
      for await (const document of corpus.documents()) yield words(documentText(document));
    }
  },
}) as unknown as Command;

/** What a text's pieces are, one after the other. */
async function piecesOf(vocabulary: string, wordsOnly: Readonly<Record<string, unknown>>) {
  const flag = Object.keys(wordsOnly).find((name) => wordsOnly[name] !== undefined && wordsOnly[name] !== false);
  if (flag !== undefined)
    throw new PropriaError("FLAG_CONFLICT", `says what words are, and --vocab that there are pieces instead`, {
      at: `--${kebab(flag)}`,
      mend: "leave one of the two out",
    });
  const tokenizer = await Tokenizer.load(vocabulary);
  return (text: string) => tokenizer.encode(text).map((id) => tokenizer.tokenOf(id));
}
