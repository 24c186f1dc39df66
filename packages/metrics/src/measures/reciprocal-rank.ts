import { defineMeasure } from "../define-measure.ts";
import { isRelevant, rel } from "./relevance.ts";

/** 1 / rank of the first relevant document, 0 when none stands above the cutoff. The mean of it is known as MRR. */
export const reciprocalRank = defineMeasure({
  name: "RR",
  aliases: ["MRR", "recip_rank"],
  cutoff: "optional",
  parameters: { rel },
  description: "reciprocal rank of the first relevant document",
  value({ grades }, cutoff, { rel }) {
    const index = grades.findIndex((grade) => isRelevant(grade, rel));
    return index < 0 || index >= cutoff ? 0 : 1 / (index + 1);
  },
});
