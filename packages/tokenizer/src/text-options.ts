/** What happens to a text before it is cut into pieces: the options of Hugging Face's `BertNormalizer`, by their effect. */
export interface TextOptions {
  /** Lower-case every character. */
  lowercase: boolean;
  /** Drop accents (decompose, then remove nonspacing marks). */
  stripAccents: boolean;
  /** Drop control characters and make every white space a blank. */
  cleanText: boolean;
  /** Make every Chinese, Japanese or Korean ideograph a word of its own. */
  splitIdeographs: boolean;
}

/** The options of bert-base-uncased. */
export const BASIC_TOKENIZER: TextOptions = {
  lowercase: true,
  stripAccents: true,
  cleanText: true,
  splitIdeographs: true,
};
