/** How large the demo is: minutes on two cores, and large enough that something is learnt. */
export const DEMO = {
  vocabularyEntries: 8_000,
  config: "tiny",
  /** Inputs of pre-training, fine-tuning and re-ranking alike: positions that were not pre-trained are noise. */
  maxTokens: 64,
  pretraining: { steps: 800, learningRate: 1e-3 },
  /** Examples of a step; one of PROP is a pair of rows, so a step of either reads as many tokens. */
  pretrainingBatch: { mlm: 64, prop: 32 },
  /** PROP's 50 is for millions of documents: of some hundred READMEs it would leave 650 words, and none of their topics. */
  pretrainingOptions: { mlm: {}, prop: { minCollectionFrequency: 5 } },
  finetuning: { epochs: 8, batch: 16, groupSize: 4, learningRate: 3e-4 },
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

/** The settings of a run for its report: names and values. */
export function describeSettings(given: {
  collection: string;
  seed: number;
  threads: number | undefined;
  version: string;
}): [string, string][] {
  const { pretraining, pretrainingBatch, finetuning } = DEMO;
  return [
    ["collection", given.collection],
    ["seed", String(given.seed)],
    ["threads", given.threads === undefined ? "all" : String(given.threads)],
    ["vocabulary", `${DEMO.vocabularyEntries} entries`],
    ["encoder", `${DEMO.config}, inputs of at most ${DEMO.maxTokens} tokens`],
    [
      "pre-training",
      `${pretraining.steps} steps of ${pretrainingBatch.mlm} windows (MLM) or ${pretrainingBatch.prop} pairs (PROP), ` +
        `learning rate ${pretraining.learningRate}; PROP draws words that occur ` +
        `${DEMO.pretrainingOptions.prop.minCollectionFrequency} times; all else by default`,
    ],
    [
      "fine-tuning",
      `${finetuning.epochs} epochs, ${finetuning.batch} queries a step with ${finetuning.groupSize} documents each, ` +
        `learning rate ${finetuning.learningRate}`,
    ],
    ["re-ranked", `the top ${DEMO.rerankDepth} of BM25`],
    ["versions", `propria ${given.version}, node ${process.version}`],
  ];
}
