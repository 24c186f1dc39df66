/** The tables of the chapter on parameter-efficient fine-tuning, as the thesis' slides and its paper print them. */
import type { PublishedTable } from "./published-table.ts";

const THESIS = 'Xinyu Ma, "Pre-training and fine-tuning methods for information retrieval", slides of the thesis';
const IAA_PAPER =
  '"Scattered or Connected? An Optimized Parameter-efficient Tuning Approach for Information Retrieval", CIKM 2022';

const RETRIEVAL_COLUMNS = [
  ...["MARCO Passage MRR@10", "MARCO Passage R@1000", "TREC2019 Passage nDCG@10", "TREC2019 Passage R@100"],
  ...["MARCO Doc MRR@100", "MARCO Doc R@100", "TREC2019 Doc nDCG@10", "TREC2019 Doc R@100"],
];

const SETTING =
  "BERT-base, one fine-tuning with BM25's negatives for passages and for documents: not to be mixed with COSTA's table.";

/** The methods there were, at the retrieval stage. */
export const PET_TABLE: PublishedTable = {
  title: "parameter-efficient methods at the retrieval stage",
  source: `${THESIS}; ${IAA_PAPER}`,
  columns: RETRIEVAL_COLUMNS,
  rows: [
    { system: "Full fine-tuning", values: [0.316, 0.949, 0.6, 0.715, 0.312, 0.801, 0.462, 0.409] },
    { system: "BitFit 0.09 %", values: [0.262, 0.921, 0.562, 0.677, 0.264, 0.785, 0.437, 0.345] },
    { system: "Prefix-tuning 0.5 % (l=32)", values: [0.294, 0.939, 0.596, 0.692, 0.266, 0.782, 0.423, 0.326] },
    { system: "Adapter 0.5 % (r=16)", values: [0.304, 0.941, 0.606, 0.696, 0.255, 0.77, 0.418, 0.37] },
    { system: "MAM Adapter 0.5 % (r=16, l=16)", values: [0.304, 0.944, 0.609, 0.712, 0.28, 0.799, 0.458, 0.381] },
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: as the thesis prints it
    { system: "LoRA 0.5 % (r=16)", values: [0.302, 0.943, 0.608, 0.707, 0.271, 0.794, 0.417, 0.376] },
    { system: "Prefix-tuning 3.6 % (l=200)", values: [0.304, 0.943, 0.58, 0.702, 0.265, 0.775, 0.395, 0.376] },
    { system: "Adapter 6.7 % (r=200)", values: [0.316, 0.946, 0.587, 0.687, 0.27, 0.785, 0.433, 0.4] },
    { system: "MAM Adapter 6.7 % (r=200, l=200)", values: [0.314, 0.947, 0.616, 0.72, 0.283, 0.792, 0.438, 0.402] },
    { system: "LoRA 6.7 % (r=200)", values: [0.316, 0.946, 0.597, 0.715, 0.279, 0.794, 0.417, 0.379] },
  ],
  note: `${SETTING} 3.6 % is 3.37 % of BERT-base.`,
};

/** Table 4 of the paper. */
export const IAA_TABLE: PublishedTable = {
  title: "Table 4, IAA at the retrieval stage",
  source: `${THESIS}; ${IAA_PAPER}`,
  columns: RETRIEVAL_COLUMNS,
  rows: [
    { system: "Full fine-tuning", values: [0.316, 0.949, 0.6, 0.715, 0.312, 0.801, 0.462, 0.409] },
    { system: "Best PET 0.5 %", values: [0.304, 0.944, 0.609, 0.712, 0.28, 0.799, 0.458, 0.381] },
    {
      system: "IAA-S Adapter 0.5 % (r=8, ar=8)",
      values: [0.312, 0.941, 0.605, 0.719, 0.285, 0.785, 0.454, 0.384],
      marks: ["†", "", "", "", "", "", "", ""],
    },
    {
      system: "IAA-L Adapter 0.5 % (r=12, ar=12)",
      values: [0.314, 0.943, 0.615, 0.735, 0.292, 0.792, 0.446, 0.391],
      marks: ["†", "", "†", "*", "", "", "", ""],
    },
    {
      system: "IAA-M Adapter 0.5 % (r=15, ar=24)",
      values: [0.309, 0.941, 0.602, 0.721, 0.287, 0.782, 0.449, 0.385],
    },
    { system: "Best PET 6.7 %", values: [0.316, 0.946, 0.616, 0.72, 0.283, 0.792, 0.438, 0.402] },
    {
      system: "IAA-S Adapter 6.7 % (r=100, ar=100)",
      values: [0.324, 0.947, 0.581, 0.719, 0.29, 0.798, 0.441, 0.398],
    },
    {
      system: "IAA-L Adapter 6.7 % (r=50, ar=300)",
      values: [0.327, 0.951, 0.617, 0.735, 0.295, 0.795, 0.439, 0.395],
      marks: ["†*", "", "*", "†", "†", "", "", ""],
    },
    {
      system: "IAA-M Adapter 6.7 % (r=185, ar=960)",
      values: [0.321, 0.948, 0.592, 0.71, 0.285, 0.793, 0.437, 0.402],
    },
  ],
  note: `* better than full fine-tuning, † than the best other method at the same share, p ≤ 0.05. ${SETTING} IAA-L's 0.5 % is 0.606 % of BERT-base, and IAA-M's 6.7 % is 7.58 %.`,
};

/** Table 3 of the paper: re-ranking. */
export const PET_RANKING_TABLE: PublishedTable = {
  title: "Table 3, parameter-efficient methods at the re-ranking stage",
  source: `${IAA_PAPER}; not in the slides, which say that the trend is that of retrieval`,
  columns: [
    ...["MARCO Passage MRR@10", "MARCO Passage MRR@100", "TREC2019 Passage nDCG@10", "TREC2019 Passage nDCG@100"],
    ...["MARCO Doc MRR@10", "MARCO Doc MRR@100", "TREC2019 Doc nDCG@10", "TREC2019 Doc nDCG@100"],
  ],
  rows: [
    { system: "Full fine-tuning", values: [0.376, 0.383, 0.738, 0.637, 0.404, 0.408, 0.657, 0.536] },
    { system: "BitFit 0.09 %", values: [0.325, 0.334, 0.562, 0.483, 0.364, 0.357, 0.63, 0.531] },
    { system: "Prefix-tuning 0.5 % (l=32)", values: [0.355, 0.363, 0.705, 0.626, 0.387, 0.381, 0.64, 0.53] },
    { system: "Adapter 0.5 % (r=16)", values: [0.366, 0.371, 0.714, 0.626, 0.397, 0.392, 0.653, 0.534] },
    { system: "MAM Adapter 0.5 % (r=16, l=16)", values: [0.365, 0.373, 0.717, 0.629, 0.39, 0.395, 0.632, 0.531] },
    { system: "LoRA 0.5 % (r=16)", values: [0.363, 0.372, 0.72, 0.635, 0.386, 0.392, 0.637, 0.529] },
    { system: "Prefix-tuning 3.6 % (l=200)", values: [0.363, 0.371, 0.722, 0.632, 0.384, 0.389, 0.64, 0.532] },
    { system: "Adapter 6.7 % (r=200)", values: [0.373, 0.381, 0.735, 0.637, 0.402, 0.407, 0.631, 0.528] },
    { system: "MAM Adapter 6.7 % (r=200, l=200)", values: [0.369, 0.38, 0.731, 0.633, 0.397, 0.402, 0.63, 0.528] },
    { system: "LoRA 6.7 % (r=200)", values: [0.37, 0.378, 0.73, 0.631, 0.401, 0.396, 0.647, 0.53] },
  ],
  note: "Several MARCO Doc rows print MRR@100 below MRR@10, which one run cannot have: misprinted, or columns swapped. IAA's own table of this stage could not be read.",
};
