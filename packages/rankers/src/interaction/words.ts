/** Texts to words, as a model reads them. */
import { PropriaError } from "@propria/base";
import { type Analyzer, analyzer } from "@propria/tokenizer";
import { type WordOptions, wordSettings } from "./config.ts";

/** Cuts texts into words. @throws {PropriaError} `OPTION_INVALID` for a pattern that is no regular expression. */
export function wordsBy(options: WordOptions = {}): Analyzer {
  const { stem, stopWords, pattern, segment } = wordSettings.parse(options);
  const cut = analyzer({
    stem,
    stopWords: Array.isArray(stopWords) ? new Set(stopWords) : stopWords,
    pattern: expression(segment === "chinese" ? `\\p{Script=Han}+|${pattern}` : pattern),
  });
  return segment === "chinese" ? chinese(cut, new Set(Array.isArray(stopWords) ? stopWords : [])) : cut;
}

const HAN = /^\p{Script=Han}/u;

/** The words of `cut`, of which runs of Han are cut further. */
function chinese(cut: Analyzer, stopWords: ReadonlySet<string>): Analyzer {
  const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
  const parts = (run: string) => Array.from(segmenter.segment(run), ({ segment }) => segment);
  return (text) =>
    cut(text).flatMap((word) => (HAN.test(word) ? parts(word).filter((part) => !stopWords.has(part)) : [word]));
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (cause) {
    throw new PropriaError("OPTION_INVALID", (cause as Error).message, { at: "words: pattern", cause });
  }
}
