import { defineMeasure } from "../define-measure.ts";
import { countRelevant, rel } from "./relevance.ts";

/** Share of the relevant documents that stand among the first `cutoff`; 0 where there is no relevant one. (Some call `Success` recall.) */
export const recall = defineMeasure({
  name: "R",
  aliases: ["Recall", "recall"],
  cutoff: "required",
  parameters: { rel },
  description: "recall: share of the relevant documents among the first k",
  value({ grades, judgedGrades }, cutoff, { rel }) {
    const relevant = countRelevant(judgedGrades, Number.POSITIVE_INFINITY, rel);
    return relevant === 0 ? 0 : countRelevant(grades, cutoff, rel) / relevant;
  },
});
