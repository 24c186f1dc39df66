import { porterStem } from "./porter-stem.ts";
import { type StopWordListName, stopWordList } from "./stop-words.ts";

/** The terms of a text, in order. */
export type Analyzer = (text: string) => string[];

export interface AnalyzerOptions {
  /** Reduce terms to their Porter stems. Default: false. */
  stem?: boolean;
  /** Terms that are left out, before stemming: a list's name, `"none"`, or a set. Default: `"lucene"`. */
  stopWords?: StopWordListName | "none" | ReadonlySet<string>;
  /**
   * What a term is in a lower-cased text. Default: `[a-z0-9]+`, and of a run of Chinese ideographs each, and each pair of neighbours: words
   * without a dictionary.
   */
  pattern?: RegExp;
}

/**
 * Text → terms for an index: lower-case, match, leave out stop words, stem.
 *
 * @example
 * analyzer({ stem: true })("The boundary layers of wings"); // ["boundari", "layer", "wing"]
 * analyzer()("边界层 2"); // ["边", "界", "层", "边界", "界层", "2"]
 */
export function analyzer({ stem = false, stopWords = "lucene", pattern }: AnalyzerOptions = {}): Analyzer {
  const left =
    typeof stopWords !== "string" ? stopWords : stopWords === "none" ? new Set<string>() : stopWordList(stopWords);
  const termsOf = pattern ? matches(pattern) : asciiAndIdeographs;
  return (text) => {
    const kept = termsOf(text.toLowerCase()).filter((term) => !left.has(term));
    return stem ? kept.map(porterStem) : kept;
  };
}

function matches(pattern: RegExp): Analyzer {
  const terms = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  return (text) => text.match(terms) ?? [];
}

const LAST_ASCII = 0x7f;

function asciiAndIdeographs(text: string): string[] {
  const runs: string[] = text.match(/[a-z0-9]+|\p{Script=Han}+/gu) ?? [];
  return runs.some(isIdeographic) ? runs.flatMap((run) => (isIdeographic(run) ? charactersAndPairs(run) : run)) : runs;
}

const isIdeographic = (run: string): boolean => run.charCodeAt(0) > LAST_ASCII;

function charactersAndPairs(run: string): string[] {
  const characters = [...run];
  return [...characters, ...characters.slice(1).map((character, i) => characters[i]! + character)];
}
