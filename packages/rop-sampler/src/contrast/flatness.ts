/** How far from uniform the distributions are that word sets are drawn from. */
import { type Contrast, entropy } from "./contrast.ts";

/** Of some documents. A flat distribution leaves it to the labels to say what represents a document. */
export interface Flatness {
  /** Documents looked at: those of two words at least. */
  documents: number;
  /** Mean over them of the entropy divided by that of the uniform distribution; 1 is flat. */
  relativeEntropy: number;
  /** Median over them: how many times as likely as the unlikeliest word the likeliest is. */
  ratio: number;
}

/** Looks at documents, each a moment. */
export function flatness(contrasts: Iterable<Pick<Contrast, "probabilities">>): Flatness {
  const ratios: number[] = [];
  let relative = 0;
  for (const { probabilities } of contrasts) {
    if (probabilities.length < 2) continue;
    relative += entropy(probabilities) / Math.log(probabilities.length);
    ratios.push(Math.max(...probabilities) / Math.min(...probabilities));
  }
  const sorted = Float64Array.from(ratios).sort();
  return {
    documents: ratios.length,
    relativeEntropy: ratios.length === 0 ? 1 : relative / ratios.length,
    ratio: sorted[Math.floor(sorted.length / 2)] ?? 1,
  };
}
