import type { TextOptions } from "./text-options.ts";

/** The tokens that every vocabulary has to hold. */
export const SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** BERT's longest word that is not unknown as a whole, characters. */
export const LONGEST_WORD = 100;

/** Everything a tokenizer is made of; what its files hold. */
export interface TokenizerDefinition {
  /** Tokens by id; an id that no token has is the empty string. */
  tokens: readonly string[];
  /** Tokens that are found in a text before anything else happens to it; `SPECIAL_TOKENS` among them. */
  addedTokens: readonly string[];
  /** Added tokens that words are not cut into: they stand beside the vocabulary of pieces. */
  outside: ReadonlySet<string>;
  text: TextOptions;
  /** A word of more characters is unknown as a whole. */
  longestWord: number;
}
