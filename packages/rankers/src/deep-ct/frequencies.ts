/** From a model's weights to term frequencies. */

/** How weights become frequencies. */
export interface FrequencyOptions {
  /** `"none"` (default, the paper's): round(scale · ŷ). `"sqrt"` (an option of DeepCT's code): round(scale · √ŷ). */
  smoothing?: "none" | "sqrt";
  /** What a weight of 1 becomes; default 100. */
  scale?: number;
  /** Keep every word, at frequency 1 where its weight rounds to 0: `keep_all_terms` of DeepCT's code; default false. */
  keepAllWords?: boolean;
}

/** A word where it stands in a passage, and what the model gives it. */
export interface WeighedWord {
  word: string;
  weight: number;
}

/**
 * round(scale · ŷ), weights below 0 being 0. Halves go to the even neighbour, as numpy's `round`, which DeepCT's code calls: 0.005 gives
 * 0 and 0.015 gives 2.
 */
export const termFrequency = (weight: number, { smoothing = "none", scale = 100 }: FrequencyOptions = {}): number => {
  const positive = Math.max(0, weight);
  return roundHalfEven(scale * (smoothing === "sqrt" ? Math.sqrt(positive) : positive));
};

/** A passage's words with their frequencies: words below 1 are left out, a word that stands twice has its larger. */
export function termFrequencies(words: Iterable<WeighedWord>, options: FrequencyOptions = {}): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const { word, weight } of words) {
    const frequency = Math.max(termFrequency(weight, options), options.keepAllWords ? 1 : 0);
    if (frequency >= 1) frequencies.set(word, Math.max(frequency, frequencies.get(word) ?? 0));
  }
  return frequencies;
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
