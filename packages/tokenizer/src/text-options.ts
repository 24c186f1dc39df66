/** What happens to a text before it is cut into pieces: the options of Hugging Face's `BertNormalizer`, by their effect. */
export interface TextOptions {
  /** Lower-case every character. */
  lowercase: boolean;
  /** Drop accents: decompose, then drop nonspacing marks. */
  stripAccents: boolean;
  /** Drop control characters, and make every white space a blank. */
  cleanText: boolean;
  /** Make every Chinese, Japanese or Korean ideograph a word of its own. */
  splitIdeographs: boolean;
}

/** Fills in what is left out: as bert-base-uncased, or as bert-base-cased when `lowercase` is false. */
export function textOptions({ lowercase = true, ...others }: Partial<TextOptions> = {}): TextOptions {
  return { lowercase, stripAccents: lowercase, cleanText: true, splitIdeographs: true, ...others };
}
