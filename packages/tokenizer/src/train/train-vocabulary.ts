/** How far a training is. */
export interface TrainingProgress {
  stage: "counting" | "merging";
  /** Texts read, or vocabulary entries there are. */
  done: number;
  /** Entries to reach; absent while counting. */
  total?: number;
}

export interface TrainOptions {
  /** Entries of the vocabulary, special tokens included. */
  size: number;
  /** A pair that occurs less often is not merged. */
  minFrequency?: number;
  lowercase?: boolean;
  /** Single characters in the vocabulary at most, the most frequent ones first. */
  alphabetSize?: number;
  onProgress?: (progress: TrainingProgress) => void;
}

/** A WordPiece vocabulary of a corpus, the same bytes for the same texts. */
export async function trainVocabulary(_texts: AsyncIterable<string>, _options: TrainOptions): Promise<string[]> {
  throw new Error("not built yet");
}
