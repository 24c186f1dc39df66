import type { StopWordListName } from "./stop-words.ts";

/** The terms of a text, in order. */
export type Analyzer = (text: string) => string[];

export interface AnalyzerOptions {
  /** Reduce terms to Porter stems. */
  stem?: boolean;
  /** Terms that are left out, before stemming; `"none"` keeps all. */
  stopWords?: StopWordListName | "none" | ReadonlySet<string>;
  /** What a term is, in lower-cased text; a global regular expression. */
  pattern?: RegExp;
}

/** Text → terms, as in the index. */
export function analyzer(_options: AnalyzerOptions = {}): Analyzer {
  throw new Error("not built yet");
}
