/** The words that a model knows: those with a vector first, and others that match themselves alone. */

/** What a vocabulary is made of. */
export interface VocabularyParts {
  /** Words, of which the first `vectors` have one. */
  words: readonly string[];
  vectors: number;
  /** Documents that hold each word. */
  documentFrequencies: ArrayLike<number>;
  documentCount: number;
}

/** The place of padding, and of a word that is not known. */
export const NO_WORD = 0;

/** Words as numbers from 1. */
export interface Vocabulary extends VocabularyParts {
  /** Undefined for a word that is not known. */
  id(word: string): number | undefined;
  /** ln((N + 1) / df), nats, as in DRMM's code; a word that is in no document counts as being in one. */
  idf(id: number): number;
}

/** @throws {Error} For frequencies of another number than the words. */
export function vocabularyOf(parts: VocabularyParts): Vocabulary {
  const { words, documentFrequencies, documentCount } = parts;
  if (words.length !== documentFrequencies.length) throw new Error("a frequency for each word");
  const ids = new Map(words.map((word, i) => [word, i + 1]));
  return {
    ...parts,
    id: (word) => ids.get(word),
    idf: (id) => Math.log((documentCount + 1) / Math.max(1, documentFrequencies[id - 1] ?? 0)),
  };
}

/** A query as numbers. Words that the vocabulary lacks have numbers above its own, which hold for this query alone. */
export interface QueryWords {
  ids: number[];
  unknown: ReadonlyMap<string, number>;
}

/** The first `limit` words of a query as numbers. */
export function queryWordIds(vocabulary: Vocabulary, words: readonly string[], limit: number): QueryWords {
  const unknown = new Map<string, number>();
  const ids = words.slice(0, limit).map((word) => {
    const known = vocabulary.id(word) ?? unknown.get(word);
    if (known !== undefined) return known;
    const id = vocabulary.words.length + 1 + unknown.size;
    unknown.set(word, id);
    return id;
  });
  return { ids, unknown };
}

/** The first `limit` words of a document as numbers; 0 for a word that neither the vocabulary nor the query has. */
export const documentWordIds = (
  vocabulary: Vocabulary,
  words: readonly string[],
  { unknown }: QueryWords,
  limit = Number.POSITIVE_INFINITY,
): number[] => words.slice(0, limit).map((word) => vocabulary.id(word) ?? unknown.get(word) ?? NO_WORD);
