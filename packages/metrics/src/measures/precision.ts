import { defineMeasure } from "../define-measure.ts";
import { countRelevant, rel } from "./relevance.ts";

/** Share of relevant documents among the first `cutoff`; divides by the cutoff even where fewer were retrieved. */
export const precision = defineMeasure({
  name: "P",
  aliases: ["Precision"],
  cutoff: "required",
  parameters: { rel },
  description: "precision: relevant documents among the first k, divided by k",
  value: ({ grades }, cutoff, { rel }) => countRelevant(grades, cutoff, rel) / cutoff,
});
