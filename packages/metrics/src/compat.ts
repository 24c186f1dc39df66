/**
 * Whose numbers to reproduce: what a program does with ties, with queries that were not answered, and with a query
 * that finds itself. Each is shown equal to that program in `compat.parity.test.ts`.
 */
export interface Compat {
  readonly name: CompatName;
  /**
   * What puts two documents in order:
   * - `score`: the score as a double, then the document id, both down;
   * - `float32-score`: the same with scores rounded to single precision, so that near scores are ties;
   * - `given`: the order in which the run lists them; the score counts for nothing;
   * - `stable-score`: the score down, ties as given.
   */
  readonly order: Order;
  /** Which queries the mean is over: all that have judgments (`judged`, an unanswered one is 0), or of these the `answered` ones. */
  readonly queries: QueryPolicy;
  /** Whether a document that has the query's own id is left out of the ranking. */
  readonly dropsSelfHits: boolean;
  /** Measures, by name, for which the program does otherwise. */
  readonly exceptions?: Readonly<Record<string, { readonly order: Order; readonly queries: QueryPolicy }>>;
}

export type Order = "score" | "float32-score" | "given" | "stable-score";
export type QueryPolicy = "judged" | "answered";
export type CompatName = "trec_eval-10" | "trec_eval-9" | "msmarco" | "beir";

/** The policies by name; `trec_eval-10` is the default. The two of trec_eval are those of its flag `-c`; without it, ask for `queries: "answered"`. */
export const COMPATS: Readonly<Record<CompatName, Compat>> = {
  "trec_eval-10": { name: "trec_eval-10", order: "score", queries: "judged", dropsSelfHits: false },
  "trec_eval-9": { name: "trec_eval-9", order: "float32-score", queries: "judged", dropsSelfHits: false },
  // msmarco_passage_eval.py reads ranks and knows no scores.
  msmarco: { name: "msmarco", order: "given", queries: "judged", dropsSelfHits: false },
  // EvaluateRetrieval.evaluate goes through pytrec_eval (trec_eval 9) without -c; its own MRR sorts stably and divides by all judged queries.
  beir: {
    name: "beir",
    order: "float32-score",
    queries: "answered",
    dropsSelfHits: true,
    exceptions: { RR: { order: "stable-score", queries: "judged" } },
  },
};
