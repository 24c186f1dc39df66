/** Judgments: query id → document id → integer grade; 1 and above are relevant, below 1 judged and not relevant. */
export type Qrels = Map<string, Map<string, number>>;

/** A document with its score; higher is better. */
export interface ScoredDocument {
  documentId: string;
  score: number;
}

/** What a system answered: query id → documents, each at most once, in any order (`ranked` puts them in order). */
export type Run = Map<string, ScoredDocument[]>;
