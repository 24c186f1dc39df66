import { defineMeasure } from "../define-measure.ts";
import { countRelevant, rel } from "./relevance.ts";

/** 1 when a relevant document stands among the first `cutoff`, else 0. */
export const success = defineMeasure({
  name: "Success",
  aliases: ["success"],
  cutoff: "required",
  parameters: { rel },
  description: "1 when a relevant document is among the first k",
  value: ({ grades }, cutoff, { rel }) => (countRelevant(grades, cutoff, rel) > 0 ? 1 : 0),
});
