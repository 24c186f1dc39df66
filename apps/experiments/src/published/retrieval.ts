/** The retrieval chapter's tables, as the thesis' slides print them. */
import type { PublishedTable } from "./published-table.ts";

const THESIS = 'Xinyu Ma, "Pre-training and fine-tuning methods for information retrieval", slides of the thesis';

const COSTA_PAPER =
  '"Pre-train a Discriminative Text Encoder for Dense Retrieval via Contrastive Span Prediction", SIGIR 2022';

const DATASETS = "MS MARCO passage and document (dev), TREC Deep Learning 2019; BERT-base, pre-trained on Wikipedia";

/** "ROP in the retrieval stage": the table that motivates the chapter. */
export const ROP_IN_RETRIEVAL: PublishedTable = {
  title: "ROP in the retrieval stage",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: ["MARCO Passage R@1000", "TREC 2019 Passage R@1000", "MARCO Doc R@100", "TREC 2019 Doc R@100"],
  rows: [
    { system: "BM25", values: [0.857, 0.745, 0.808, 0.395] },
    { system: "DeepCT", values: [0.907, null, null, null] },
    { system: "BERT", values: [0.941, 0.704, 0.869, 0.266] },
    { system: "ICT", values: [0.938, 0.705, 0.873, 0.273] },
    { system: "PROP", values: [0.948, 0.709, 0.871, 0.269] },
  ],
  note: "Fine-tuned with BM25 negatives. The thesis: ROP is slightly better than BERT, and the gain is very small.",
};

/** CPDAE against contrastive learning and autoencoders. */
export const CPDAE_TABLE: PublishedTable = {
  title: "CPDAE: results",
  source: `${THESIS}; "A Contrastive Pre-training Approach to Discriminative Autoencoder for Dense Retrieval", CIKM 2022`,
  columns: [
    "MARCO Dev Passage MRR@10",
    "MARCO Dev Passage R@1000",
    "TREC2019 Passage nDCG@10",
    "TREC2019 Passage R@1000",
    "MARCO Dev Doc MRR@100",
    "MARCO Dev Doc R@100",
    "TREC2019 Doc nDCG@10",
    "TREC2019 Doc R@100",
  ],
  rows: [
    { system: "BM25", values: [0.187, 0.857, 0.501, 0.745, 0.277, 0.808, 0.519, 0.395] },
    { system: "Best TREC Trad", values: [null, null, 0.554, null, null, null, 0.549, null] },
    { system: "BERT", values: [0.335, 0.957, 0.661, 0.769, 0.389, 0.877, 0.594, 0.301] },
    { system: "SimCSE", values: [0.335, 0.955, 0.662, 0.766, 0.391, 0.879, 0.598, 0.302] },
    { system: "ICT", values: [0.339, 0.955, 0.67, 0.775, 0.396, 0.882, 0.605, 0.303] },
    { system: "PROP", values: [0.337, 0.951, 0.673, 0.771, 0.394, 0.884, 0.596, 0.298] },
    {
      system: "SEED",
      values: [0.342, 0.963, 0.679, 0.782, 0.396, 0.902, 0.605, 0.307],
      marks: ["*", "", "*", "*†", "", "*", "*", ""],
    },
    {
      system: "CPDAE_R",
      values: [0.35, 0.965, 0.686, 0.789, 0.402, 0.909, 0.609, 0.311],
      marks: ["*†", "*†", "*†", "*†", "*", "*†", "*", "*†"],
    },
    {
      system: "CPDAE",
      values: [0.355, 0.968, 0.696, 0.799, 0.408, 0.907, 0.615, 0.315],
      marks: ["*‡‡", "*†", "*‡‡", "*‡‡", "*‡‡", "*†", "*‡‡", "*†"],
    },
  ],
  note: `${DATASETS}. Passages: fine-tuned with static hard negatives; documents: second iteration. What the subscript R means is not said; we read it as reconstruction only.`,
};

const COSTA_COLUMNS_PASSAGE = [
  "MARCO Dev Passage MRR@10",
  "MARCO Dev Passage R@1000",
  "TREC2019 Passage nDCG@10",
  "TREC2019 Passage R@1000",
];
const COSTA_COLUMNS_DOCUMENT = [
  "MARCO Dev Doc MRR@100",
  "MARCO Dev Doc R@100",
  "TREC2019 Doc nDCG@10",
  "TREC2019 Doc R@100",
];

/** COSTA's passages, BM25 negatives. */
export const COSTA_PASSAGE_BM25: PublishedTable = {
  title: "COSTA: passages, BM25 negatives",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: COSTA_COLUMNS_PASSAGE,
  rows: [
    { system: "BM25", values: [0.187, 0.857, 0.501, 0.745] },
    { system: "DeepCT", values: [0.243, 0.905, 0.551, null] },
    { system: "Best TREC Trad", values: [null, null, 0.554, null] },
    { system: "BERT", values: [0.316, 0.941, 0.616, 0.704] },
    { system: "ICT", values: [0.324, 0.938, 0.618, 0.705] },
    { system: "PROP", values: [0.32, 0.948, 0.586, 0.709] },
    { system: "B-PROP", values: [0.321, 0.945, 0.603, 0.705] },
    { system: "SEED", values: [0.329, 0.953, null, null] },
    { system: "SEED (ours)", values: [0.331, 0.95, 0.625, 0.733], marks: ["*", "*", "*", "*†"] },
    { system: "COSTA", values: [0.342, 0.959, 0.635, 0.773], marks: ["*†‡", "*†", "*†‡", "*†‡"] },
  ],
  note: DATASETS,
};

/** COSTA's passages, hard negatives. */
export const COSTA_PASSAGE_MINED: PublishedTable = {
  title: "COSTA: passages, static hard negatives",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: COSTA_COLUMNS_PASSAGE,
  rows: [
    { system: "BERT", values: [0.335, 0.957, 0.661, 0.769] },
    { system: "ICT", values: [0.339, 0.955, 0.67, 0.775] },
    { system: "PROP", values: [0.337, 0.951, 0.673, 0.771] },
    { system: "B-PROP", values: [0.339, 0.952, 0.672, 0.774] },
    { system: "SEED", values: [0.342, 0.963, 0.679, 0.782], marks: ["*", "", "*", "*†"] },
    { system: "COSTA", values: [0.366, 0.971, 0.704, 0.816], marks: ["*†‡", "*†", "*†‡", "*†‡"] },
  ],
  note: DATASETS,
};

/** COSTA's documents, first iteration of hard negatives. */
export const COSTA_DOCUMENT_FIRST: PublishedTable = {
  title: "COSTA: documents, first iteration of static hard negatives",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: COSTA_COLUMNS_DOCUMENT,
  rows: [
    { system: "BM25", values: [0.277, 0.808, 0.519, 0.395] },
    { system: "DeepCT", values: [0.32, null, 0.544, null] },
    { system: "Best TREC Trad", values: [null, null, 0.549, null] },
    { system: "BERT", values: [0.358, 0.869, 0.563, 0.266] },
    { system: "ICT", values: [0.364, 0.873, 0.566, 0.273] },
    { system: "PROP", values: [0.361, 0.871, 0.565, 0.269] },
    { system: "B-PROP", values: [0.365, 0.871, 0.567, 0.268] },
    { system: "SEED", values: [0.372, 0.879, 0.573, 0.272], marks: ["*", "*", "*", ""] },
    { system: "COSTA", values: [0.395, 0.894, 0.582, 0.278], marks: ["*†‡", "*†‡", "*†‡", "*"] },
  ],
  note: `${DATASETS}. Initialised from the passage model.`,
};

/** COSTA's documents, second iteration. */
export const COSTA_DOCUMENT_SECOND: PublishedTable = {
  title: "COSTA: documents, second iteration of static hard negatives",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: COSTA_COLUMNS_DOCUMENT,
  rows: [
    { system: "BERT", values: [0.389, 0.877, 0.594, 0.301] },
    { system: "ICT", values: [0.396, 0.882, 0.605, 0.303] },
    { system: "PROP", values: [0.394, 0.884, 0.596, 0.298] },
    { system: "B-PROP", values: [0.395, 0.883, 0.601, 0.305] },
    { system: "SEED", values: [0.396, 0.902, 0.605, 0.307], marks: ["", "*", "*", ""] },
    { system: "COSTA", values: [0.422, 0.919, 0.626, 0.32], marks: ["*†‡", "*†‡", "*†‡", "*†‡"] },
  ],
  note: DATASETS,
};

/** Negatives: the same BERT with BM25's and with mined ones, from COSTA's table. */
export const NEGATIVES_IN_COSTA_TABLE: PublishedTable = {
  title: "Negatives: BERT and COSTA in COSTA's table",
  source: `${THESIS}; ${COSTA_PAPER}`,
  columns: ["MARCO Dev Passage MRR@10", "MARCO Dev Passage R@1000", "MARCO Dev Doc MRR@100", "MARCO Dev Doc R@100"],
  rows: [
    { system: "BERT, BM25 negatives (documents: first iteration)", values: [0.316, 0.941, 0.358, 0.869] },
    { system: "BERT, mined negatives (documents: second iteration)", values: [0.335, 0.957, 0.389, 0.877] },
    { system: "COSTA, BM25 negatives (documents: first iteration)", values: [0.342, 0.959, 0.395, 0.894] },
    { system: "COSTA, mined negatives (documents: second iteration)", values: [0.366, 0.971, 0.422, 0.919] },
  ],
};
