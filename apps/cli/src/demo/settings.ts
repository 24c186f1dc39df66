/** How large the demo is: minutes on two cores, and large enough that something is learnt. */
export const DEMO = {
  vocabularyEntries: 8_000,
  config: "tiny",
  maxTokens: 128,
  pretraining: { steps: 600, batch: 32, learningRate: 5e-4 },
  finetuning: { epochs: 4, batch: 16, groupSize: 4, learningRate: 2e-4 },
  /** Of the training queries, the share that chooses the interpolation weights and is not fine-tuned on. */
  heldOutShare: 0.2,
  /** Documents of BM25 that a cross-encoder scores, for each query. */
  rerankDepth: 50,
  /** Documents of a first ranking. */
  searchDepth: 1_000,
  measures: ["nDCG@10", "RR@10", "R@100"],
  /** What the weights are chosen by, and the example queries. */
  mainMeasure: "nDCG@10",
} as const;
