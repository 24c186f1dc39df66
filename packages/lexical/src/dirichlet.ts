/**
 * Dirichlet smoothing: P(w|θ_D) = (c(w, D) + μ · P(w|C)) / (|D| + μ), the share of a word in a document's language model.
 *
 * @param termFrequency         c(w, D), occurrences.
 * @param documentLength        |D|, words.
 * @param collectionProbability P(w|C) = occurrences of w in the collection / words of the collection.
 * @param mu                    μ, the prior's weight in words; 0 does not smooth.
 * @returns                     P(w|C) for an empty document, whatever μ.
 * @see Zhai and Lafferty, "A Study of Smoothing Methods for Language Models Applied to Ad Hoc Information Retrieval",
 *      SIGIR 2001.
 */
export function smoothedProbability(
  termFrequency: number,
  documentLength: number,
  collectionProbability: number,
  mu: number,
): number {
  if (documentLength === 0) return collectionProbability;
  return (termFrequency + mu * collectionProbability) / (documentLength + mu);
}
