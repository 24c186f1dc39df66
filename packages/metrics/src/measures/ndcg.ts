import { defineMeasure } from "../define-measure.ts";

/**
 * Normalised discounted cumulative gain: Σ gain(grade) / log2(rank + 1) over the ranking, divided by the same sum over
 * the ideal ranking of **all** judged documents. Documents without judgment and negative grades gain nothing.
 *
 * Gain is the grade itself, as in trec_eval; `dcg=exp-log2` takes 2^grade − 1, as gdeval does.
 *
 * @see Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
 *      Burges et al., "Learning to rank using gradient descent", ICML 2005 (the exponential gain).
 */
export const ndcg = defineMeasure({
  name: "nDCG",
  aliases: ["NDCG", "ndcg", "ndcg_cut"],
  cutoff: "optional",
  parameters: {
    dcg: { default: "log2", choices: ["log2", "exp-log2"], description: "gain: the grade, or 2^grade − 1" },
  },
  description: "normalised discounted cumulative gain",
  value({ grades, judgedGrades }, cutoff, { dcg }) {
    const gain = dcg === "exp-log2" ? exponentialGain : linearGain;
    const ideal = discounted(judgedGrades, cutoff, gain);
    return ideal === 0 ? 0 : discounted(grades, cutoff, gain) / ideal;
  },
});

function discounted(grades: readonly (number | undefined)[], cutoff: number, gain: (grade: number) => number): number {
  const length = Math.min(cutoff, grades.length);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const grade = grades[i] ?? 0;
    if (grade > 0) sum += gain(grade) / Math.log2(i + 2);
  }
  return sum;
}

const linearGain = (grade: number): number => grade;
const exponentialGain = (grade: number): number => 2 ** grade - 1;
