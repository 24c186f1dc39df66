import { porterStem } from "./porter-stem.ts";
import { type StopWordListName, stopWordList } from "./stop-words.ts";

/** The terms of a text, in order. */
export type Analyzer = (text: string) => string[];

export interface AnalyzerOptions {
  /** Reduce terms to their Porter stems. Default: false. */
  stem?: boolean;
  /** Terms that are left out, before stemming: a list's name, `"none"`, or a set. Default: `"lucene"`. */
  stopWords?: StopWordListName | "none" | ReadonlySet<string>;
  /** What a term is in a lower-cased text. Default: `[a-z0-9]+`. */
  pattern?: RegExp;
}

/**
 * Text → terms for an index: lower-case, match, leave out stop words, stem.
 *
 * @example
 * analyzer({ stem: true })("The boundary layers of wings"); // ["boundari", "layer", "wing"]
 */
export function analyzer({
  stem = false,
  stopWords = "lucene",
  pattern = /[a-z0-9]+/,
}: AnalyzerOptions = {}): Analyzer {
  const left =
    typeof stopWords !== "string" ? stopWords : stopWords === "none" ? new Set<string>() : stopWordList(stopWords);
  const terms = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  return (text) => {
    const kept = (text.toLowerCase().match(terms) ?? []).filter((term) => !left.has(term));
    return stem ? kept.map(porterStem) : kept;
  };
}
