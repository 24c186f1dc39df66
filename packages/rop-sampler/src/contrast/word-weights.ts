/** The words of one document, each once, with how much of the document's vector they take up. */
export interface WordWeights {
  words: readonly string[];
  /** β of each word: what [CLS] attends to it, over its occurrences; at least 0. */
  weights: Float32Array;
  /** β of each thing that is no word: [CLS], [SEP], punctuation, numbers. With `weights` they sum to 1, or less where pieces of words do not count. */
  others: Float32Array;
}
