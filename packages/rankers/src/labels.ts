/** Grades of judgements as labels: how relevant a document is, between 0 and 1. */
import { PropriaError } from "@propria/base";
import type { Qrels } from "@propria/metrics";

/**
 * How grades become labels. `"binary"`: 1 from grade 1 on. `"scaled"`: the grade as a share of the split's highest. Thresholds, rising: the share of
 * them that the grade reaches, so that `[2]` takes only grade 2 and above for relevant, and `[1, 3]` gives grades 1 and 2 a half.
 */
export type Labels = "binary" | "scaled" | readonly number[];

/** From a grade to its label, in [0, 1]. */
export type LabelOf = (grade: number) => number;

/**
 * @param qrels Those of the split: its highest grade is the measure of `"scaled"`.
 * @throws {PropriaError} `OPTION_INVALID` for thresholds that do not rise from 1 or above.
 */
export function labelsBy(labels: Labels, qrels: Qrels): LabelOf {
  if (labels === "scaled") {
    let highest = 1;
    for (const judged of qrels.values()) for (const grade of judged.values()) highest = Math.max(highest, grade);
    return (grade) => Math.max(0, grade) / highest;
  }
  const thresholds = labels === "binary" ? [1] : labels;
  if (thresholds.length === 0 || thresholds.some((each, i) => !(each > (i === 0 ? 0 : thresholds[i - 1]!))))
    throw new PropriaError("OPTION_INVALID", `thresholds ${thresholds.join(", ")}`, {
      at: "fine-tuning: labels",
      mend: "give rising grades above 0",
    });
  return (grade) => thresholds.filter((each) => grade >= each).length / thresholds.length;
}

/** The judgements with grade 0 for what has label 0: judged, and not relevant. */
export const withLabels = (qrels: Qrels, labelOf: LabelOf): Qrels =>
  new Map(
    [...qrels].map(([queryId, judged]) => [
      queryId,
      new Map([...judged].map(([documentId, grade]) => [documentId, labelOf(grade) > 0 ? grade : Math.min(grade, 0)])),
    ]),
  );
