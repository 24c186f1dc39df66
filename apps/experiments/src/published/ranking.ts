/** The ranking chapter's tables, as the thesis' slides and its papers print them. */
import type { PublishedTable } from "./published-table.ts";

const THESIS = 'Xinyu Ma, "Pre-training and fine-tuning methods for information retrieval", slides of the thesis';
const PROP_PAPER = '"PROP: Pre-training with Representative Words Prediction for Ad-hoc Retrieval", WSDM 2021';
const B_PROP_PAPER =
  '"B-PROP: Bootstrapped Pre-training with Representative Words Prediction for Ad-hoc Retrieval", SIGIR 2021';

const SMALL_SETS = [
  ...["Robust04 nDCG@20", "Robust04 P@20", "ClueWeb09-B nDCG@20", "ClueWeb09-B P@20", "Gov2 nDCG@20", "Gov2 P@20"],
  ...["MQ2007 nDCG@10", "MQ2007 P@10", "MQ2008 nDCG@10", "MQ2008 P@10"],
];
const SMALL_SETS_NDCG = ["Robust04 nDCG@20", "ClueWeb09-B nDCG@20", "Gov2 nDCG@20", "MQ2007 nDCG@10", "MQ2008 nDCG@10"];

/** PROP's Table 2. */
export const PROP_TABLE: PublishedTable = {
  title: "PROP, Table 2",
  source: `${THESIS}; ${PROP_PAPER}`,
  columns: SMALL_SETS,
  rows: [
    { system: "QL", values: [0.413, 0.367, 0.225, 0.326, 0.409, 0.51, 0.423, 0.371, 0.223, 0.241] },
    { system: "BM25", values: [0.412, 0.363, 0.23, 0.334, 0.421, 0.523, 0.414, 0.366, 0.22, 0.245] },
    { system: "Previous SOTA", values: [0.538, 0.467, 0.296, null, 0.422, 0.524, 0.49, 0.418, 0.244, 0.255] },
    {
      system: "BERT",
      values: [0.459, 0.389, 0.295, 0.367, 0.495, 0.586, 0.506, 0.419, 0.247, 0.256],
      marks: ["*", "*", "*", "*", "*", "*", "*", "*", "*", "*"],
    },
    {
      system: "Transformer_ICT",
      values: [0.46, 0.388, 0.298, 0.369, 0.499, 0.587, 0.508, 0.42, 0.245, 0.256],
      marks: ["*", "*", "*", "*", "*†", "*", "*", "*", "*", "*"],
    },
    {
      system: "PROP, Wikipedia",
      values: [0.502, 0.421, 0.316, 0.384, 0.519, 0.593, 0.523, 0.432, 0.262, 0.267],
      marks: ["*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡"],
    },
    {
      system: "PROP, MS MARCO",
      values: [0.484, 0.408, 0.329, 0.391, 0.525, 0.594, 0.522, 0.43, 0.266, 0.269],
      marks: ["*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡", "*†‡"],
    },
  ],
  note: "* better than BM25, † than BERT, ‡ than Transformer_ICT, p ≤ 0.05; 5-fold cross-validation. The previous best of Robust04 is an ensemble.",
};

/** B-PROP's Table 3. */
export const B_PROP_SMALL_TABLE: PublishedTable = {
  title: "B-PROP, Table 3",
  source: `${THESIS}; ${B_PROP_PAPER}`,
  columns: SMALL_SETS,
  rows: [
    { system: "QL", values: [0.415, 0.367, 0.225, 0.326, 0.409, 0.51, 0.423, 0.371, 0.223, 0.241] },
    { system: "BM25", values: [0.412, 0.363, 0.23, 0.334, 0.421, 0.523, 0.414, 0.366, 0.22, 0.245] },
    { system: "DRMM", values: [0.425, 0.371, 0.246, 0.349, 0.457, 0.545, 0.441, 0.382, 0.221, 0.248] },
    { system: "Conv-KNRM", values: [0.414, 0.36, 0.238, 0.336, 0.462, 0.552, 0.431, 0.377, 0.215, 0.239] },
    { system: "BERT", values: [0.459, 0.389, 0.295, 0.367, 0.495, 0.586, 0.506, 0.419, 0.247, 0.256] },
    { system: "Transformer_ICT", values: [0.46, 0.388, 0.298, 0.369, 0.499, 0.587, 0.508, 0.42, 0.245, 0.256] },
    { system: "PROP, Wikipedia", values: [0.502, 0.421, 0.316, 0.384, 0.519, 0.593, 0.523, 0.432, 0.262, 0.267] },
    { system: "PROP, MS MARCO", values: [0.484, 0.408, 0.329, 0.391, 0.525, 0.594, 0.522, 0.43, 0.266, 0.269] },
    {
      system: "B-PROP, Wikipedia",
      values: [0.519, 0.43, 0.331, 0.393, 0.534, 0.599, 0.529, 0.436, 0.271, 0.273],
      marks: ["*", "*", "", "", "*", "*", "*", "*", "*", ""],
    },
    {
      system: "B-PROP, MS MARCO",
      values: [0.51, 0.429, 0.353, 0.407, 0.552, 0.606, 0.529, 0.439, 0.273, 0.275],
      marks: ["", "*", "*", "*", "*", "*", "*", "*", "*", "*"],
    },
  ],
  note: "* better than the best PROP, p ≤ 0.05. The paper marks 0.510 too, and has 0.413 for QL on Robust04.",
};

/** B-PROP's Table 4. */
export const B_PROP_LARGE_TABLE: PublishedTable = {
  title: "B-PROP, Table 4",
  source: `${THESIS}; ${B_PROP_PAPER}`,
  columns: [
    ...["MS MARCO rerank MRR@10", "MS MARCO rerank MRR@100", "MS MARCO fullrank MRR@10", "MS MARCO fullrank MRR@100"],
    ...["TREC DL rerank nDCG@10", "TREC DL rerank nDCG@100", "TREC DL fullrank nDCG@10", "TREC DL fullrank nDCG@100"],
  ],
  rows: [
    { system: "QL", values: [null, null, 0.287, 0.3, null, null, 0.6, 0.559] },
    { system: "BM25", values: [null, null, 0.315, 0.326, null, null, 0.592, 0.552] },
    { system: "DRMM", values: [0.137, 0.152, 0.164, 0.197, 0.249, 0.39, 0.301, 0.422] },
    { system: "Conv-KNRM", values: [0.155, 0.179, 0.183, 0.225, 0.311, 0.476, 0.36, 0.456] },
    { system: "BERT", values: [0.391, 0.397, 0.41, 0.418, 0.642, 0.519, 0.657, 0.567] },
    { system: "Transformer_ICT", values: [0.394, 0.399, 0.411, 0.423, 0.639, 0.521, 0.658, 0.569] },
    { system: "PROP, Wikipedia", values: [0.401, 0.405, 0.419, 0.427, 0.654, 0.533, 0.662, 0.572] },
    { system: "PROP, MS MARCO", values: [0.41, 0.415, 0.426, 0.435, 0.668, 0.547, 0.676, 0.573] },
    {
      system: "B-PROP, Wikipedia",
      values: [0.415, 0.419, 0.428, 0.439, 0.67, 0.552, 0.679, 0.581],
      marks: ["*", "*", "", "*", "", "*", "", "*"],
    },
    {
      system: "B-PROP, MS MARCO",
      values: [0.419, 0.423, 0.437, 0.441, 0.675, 0.558, 0.694, 0.59],
      marks: ["*", "*", "*", "*", "*", "*", "*", "*"],
    },
  ],
  note: "* better than the best PROP, p ≤ 0.05. Documents. rerank: the official 100 candidates; fullrank: BM25's 100 over documents that doc2query expanded.",
};

/** PROP's Table 5: what word sets are drawn from. */
export const SAMPLING_TABLE: PublishedTable = {
  title: "PROP, Table 5: the document's language model against random sampling",
  source: `${THESIS}; ${PROP_PAPER}`,
  columns: SMALL_SETS_NDCG,
  rows: [
    { system: "Random", values: [0.471, 0.304, 0.505, 0.513, 0.252] },
    { system: "docLM-based", values: [0.493, 0.317, 0.517, 0.516, 0.257], marks: ["†", "†", "†", "†", "†"] },
  ],
  note: "† p < 0.05. Wikipedia, 250,000 steps: fewer than for Table 2. Figure 1 beside it: the ROP loss falls from about 1.2 to about 0.06 (docLM) and about 0.78 (random).",
};

/** PROP's ablation of its two losses. */
export const OBJECTIVES_TABLE: PublishedTable = {
  title: "PROP: what each loss is worth",
  source: PROP_PAPER,
  columns: SMALL_SETS_NDCG,
  rows: [
    { system: "MLM alone", values: [0.467, 0.306, 0.503, 0.511, 0.249] },
    { system: "ROP alone", values: [0.481, 0.321, 0.519, 0.52, 0.262] },
    { system: "both", values: [0.484, 0.329, 0.525, 0.522, 0.266] },
  ],
  note: "MS MARCO. Not in the slides.",
};

/** Where the plots of the two papers begin, and what they are to be compared with. */
export const ZERO_SHOT_TABLE: PublishedTable = {
  title: "PROP and B-PROP without fine-tuning",
  source: `read off plots of ${PROP_PAPER}, and ${B_PROP_PAPER}; to two or three digits`,
  columns: SMALL_SETS_NDCG,
  rows: [
    { system: "BM25", values: [0.412, 0.225, 0.421, 0.414, 0.22] },
    { system: "PROP, no query", values: [0.35, 0.23, 0.45, 0.385, 0.185] },
    { system: "B-PROP, no query", values: [0.402, 0.25, 0.46, 0.393, 0.21] },
    { system: "BERT, all queries", values: [0.459, 0.295, 0.495, 0.506, 0.247] },
  ],
  note: "Fine-tuned on 10, 30, 50 and 70 queries (MQ: 50 to 200) it reaches BERT's full fine-tuning at about 30 (Robust04, ClueWeb09-B), 30 to 50 (Gov2) and 150 (MQ). ClueWeb09-B's BM25 is 0.230 in the tables.",
};
