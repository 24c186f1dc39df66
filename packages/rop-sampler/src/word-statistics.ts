import { PropriaError } from "@propria/base";
import { porterStem, stopWordList } from "@propria/tokenizer";
import { type WordKind, type WordNumbers, wordNumbers } from "./word-numbers.ts";
import { grown } from "./word-table.ts";

/** How often the words of a corpus occur: what a document's language model is smoothed with. Survives a structured clone. */
export interface WordStatistics {
  /** What a word is, in the texts counted and in those that are read with the statistics. */
  kind: WordKind;
  /** The vocabulary, most frequent first, then by code unit; stems where `surfaces` is there. */
  words: string[];
  /** Occurrences of word `i` in the corpus. */
  collectionFrequency: Float64Array;
  /** Documents with word `i`. */
  documentFrequency: Float64Array;
  /** Documents with a word that is no stop word. */
  documentCount: number;
  /** Occurrences of all words of the vocabulary. */
  totalWords: number;
  /** `totalWords / documentCount`, words. */
  averageLength: number;
  /** With stems: the forms they stand for. Form `i` occurs `counts[i]` times and has the stem `words[stems[i]]`. */
  surfaces?: { forms: string[]; stems: Int32Array; counts: Float64Array };
}

export interface WordStatisticsOptions {
  /** Default: `"latin"`. */
  words?: WordKind;
  /** Words that occur less often in the corpus leave the vocabulary. */
  minCollectionFrequency?: number;
  /** Words that are not counted, lower-cased; unless given `stopWordList("english")`, and of Chinese words those of `"chinese"` besides. */
  stopWords?: ReadonlySet<string>;
  /** Count Porter stems, and remember the forms behind them. */
  stem?: boolean;
  /** Bound on memory: when more distinct forms than this are being counted, the rarest are forgotten (their counts start anew). */
  maxForms?: number;
}

/** Some 100 bytes a form: 400 MB at most. */
const MAX_FORMS = 4_000_000;

/** Counts texts one by one; `finish` gives the statistics of those so far. */
export interface WordCounter {
  add(text: string): void;
  finish(): WordStatistics;
}

/**
 * Counts the words of a corpus in one pass.
 *
 * Frequencies of the vocabulary alone enter `totalWords` and `averageLength`, so that every model made of them sums to 1
 * (PROP's code normalises before it filters).
 *
 * @throws {PropriaError} `NO_WORDS` from `finish` when no word is frequent enough.
 */
export function wordCounter({
  words = "latin",
  minCollectionFrequency = 50,
  stopWords = stopWordsOf(words),
  stem = false,
  maxForms = MAX_FORMS,
}: WordStatisticsOptions = {}): WordCounter {
  let counts = new FormCounts(words, stem, stopWords);
  let documentCount = 0;
  return {
    add(text) {
      if (counts.add(text)) documentCount++;
      if (counts.size > maxForms) counts = counts.withoutRarest(maxForms / 2);
    },
    finish: () => statisticsOf(counts, documentCount, minCollectionFrequency),
  };
}

const stopWordsOf = (words: WordKind): ReadonlySet<string> =>
  new Set([...stopWordList("english"), ...(words === "chinese" ? stopWordList("chinese") : [])]);

/** The statistics of a corpus, read once. */
export async function wordStatistics(
  texts: AsyncIterable<string> | Iterable<string>,
  options: WordStatisticsOptions = {},
): Promise<WordStatistics> {
  const counter = wordCounter(options);
  for await (const text of texts) counter.add(text);
  return counter.finish();
}

/** Invariant: form `i` of the table belongs to the term `termOf[i]` (itself or its stem), or to none (−1) when it is a stop word. */
class FormCounts {
  readonly kind: WordKind;
  readonly #forms: WordNumbers;
  readonly #stopWords: ReadonlySet<string>;
  readonly #terms: string[] = [];
  readonly #termNumbers = new Map<string, number>();
  readonly stemmed: boolean;
  #termOf = new Int32Array(1024);
  #formCounts = new Float64Array(1024);
  #collectionFrequency = new Float64Array(1024);
  #documentFrequency = new Float64Array(1024);
  #lastDocument = new Float64Array(1024);
  #known = 0;
  #document = 0;

  constructor(kind: WordKind, stem: boolean, stopWords: ReadonlySet<string>) {
    this.kind = kind;
    this.stemmed = stem;
    this.#stopWords = stopWords;
    this.#forms = wordNumbers(kind);
  }

  get size(): number {
    return this.#forms.size;
  }

  /** Whether the text had a word that counts. */
  add(text: string): boolean {
    const document = ++this.#document;
    const forms = this.#forms.learn(text);
    while (this.#known < this.#forms.size) this.#meet(this.#known++);
    let counted = false;
    for (const form of forms) {
      const term = this.#termOf[form]!;
      if (term < 0) continue;
      counted = true;
      this.#formCounts[form]!++;
      this.#collectionFrequency[term]!++;
      if (this.#lastDocument[term] !== document) {
        this.#lastDocument[term] = document;
        this.#documentFrequency[term]!++;
      }
    }
    return counted;
  }

  #meet(form: number): void {
    if (form === this.#termOf.length) {
      this.#termOf = grown(this.#termOf, Int32Array);
      this.#formCounts = grown(this.#formCounts, Float64Array);
      this.#collectionFrequency = grown(this.#collectionFrequency, Float64Array);
      this.#documentFrequency = grown(this.#documentFrequency, Float64Array);
      this.#lastDocument = grown(this.#lastDocument, Float64Array);
    }
    const word = this.#forms.word(form);
    this.#termOf[form] = this.#stopWords.has(word) ? -1 : this.#termNumber(this.stemmed ? porterStem(word) : word);
  }

  #termNumber(term: string): number {
    const known = this.#termNumbers.get(term);
    if (known !== undefined) return known;
    this.#termNumbers.set(term, this.#terms.length);
    return this.#terms.push(term) - 1;
  }

  /** Every term with its counts, in the order met. */
  terms(): { term: string; collectionFrequency: number; documentFrequency: number }[] {
    return this.#terms.map((term, i) => ({
      term,
      collectionFrequency: this.#collectionFrequency[i]!,
      documentFrequency: this.#documentFrequency[i]!,
    }));
  }

  /** Every form that counts, in the order met. */
  *forms(): Iterable<{ form: string; term: string; count: number }> {
    for (let i = 0; i < this.#known; i++) {
      const term = this.#termOf[i]!;
      if (term >= 0) yield { form: this.#forms.word(i), term: this.#terms[term]!, count: this.#formCounts[i]! };
    }
  }

  /** The same counts for at most `keep` terms: those that occur most. */
  withoutRarest(keep: number): FormCounts {
    const frequencies = this.#collectionFrequency.slice(0, this.#terms.length).sort();
    const least = frequencies[Math.max(0, frequencies.length - Math.floor(keep))] ?? 0;
    const kept = new FormCounts(this.kind, this.stemmed, this.#stopWords);
    kept.#document = this.#document;
    for (const { form, term, count } of this.forms()) {
      const old = this.#termNumbers.get(term)!;
      if (this.#collectionFrequency[old]! <= least) continue;
      kept.#forms.add(form);
      kept.#meet(kept.#known);
      const now = kept.#termOf[kept.#known]!;
      kept.#formCounts[kept.#known++] = count;
      kept.#collectionFrequency[now] = this.#collectionFrequency[old]!;
      kept.#documentFrequency[now] = this.#documentFrequency[old]!;
      kept.#lastDocument[now] = this.#lastDocument[old]!;
    }
    return kept;
  }
}

function statisticsOf(counts: FormCounts, documentCount: number, minCollectionFrequency: number): WordStatistics {
  const kept = counts
    .terms()
    .filter(({ collectionFrequency }) => collectionFrequency >= minCollectionFrequency)
    .sort((a, b) => b.collectionFrequency - a.collectionFrequency || (a.term < b.term ? -1 : 1));
  if (kept.length === 0)
    throw new PropriaError(
      "NO_WORDS",
      `no word, stop words aside, occurs ${minCollectionFrequency} times in the corpus`,
      {
        mend: "lower minCollectionFrequency, or give more text",
      },
    );
  const words = kept.map(({ term }) => term);
  const collectionFrequency = Float64Array.from(kept, (each) => each.collectionFrequency);
  const totalWords = collectionFrequency.reduce((sum, count) => sum + count, 0);
  const statistics: WordStatistics = {
    kind: counts.kind,
    words,
    collectionFrequency,
    documentFrequency: Float64Array.from(kept, (each) => each.documentFrequency),
    documentCount,
    totalWords,
    averageLength: totalWords / documentCount,
  };
  return counts.stemmed ? { ...statistics, surfaces: surfacesOf(counts, words) } : statistics;
}

function surfacesOf(counts: FormCounts, words: readonly string[]): NonNullable<WordStatistics["surfaces"]> {
  const numbers = new Map(words.map((word, i) => [word, i]));
  const kept = [...counts.forms()].filter(({ term }) => numbers.has(term));
  return {
    forms: kept.map(({ form }) => form),
    stems: Int32Array.from(kept, ({ term }) => numbers.get(term)!),
    counts: Float64Array.from(kept, ({ count }) => count),
  };
}
