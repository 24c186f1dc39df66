import { defineMeasure } from "../define-measure.ts";
import { countRelevant, isRelevant, rel } from "./relevance.ts";

/** Mean, over **all** relevant documents, of the precision at the rank of each; 0 for one that is not retrieved. The mean of it is MAP. */
export const averagePrecision = defineMeasure({
  name: "AP",
  aliases: ["MAP", "map", "map_cut"],
  cutoff: "optional",
  parameters: { rel },
  description: "average precision over all relevant documents",
  value({ grades, judgedGrades }, cutoff, { rel }) {
    const length = Math.min(cutoff, grades.length);
    let found = 0;
    let sum = 0;
    for (let i = 0; i < length; i++) if (isRelevant(grades[i], rel)) sum += ++found / (i + 1);
    return found === 0 ? 0 : sum / countRelevant(judgedGrades, Number.POSITIVE_INFINITY, rel);
  },
});
