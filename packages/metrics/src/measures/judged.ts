import { defineMeasure } from "../define-measure.ts";

/** Share of judged documents among the first `cutoff` that were retrieved, as in ir_measures; low values say that the others measure little. */
export const judged = defineMeasure({
  name: "Judged",
  cutoff: "optional",
  description: "share of judged documents among the first k",
  value({ grades }, cutoff) {
    const length = Math.min(cutoff, grades.length);
    const unjudged = grades.slice(0, length).filter((grade) => grade === undefined).length;
    return length === 0 ? 0 : (length - unjudged) / length;
  },
});
