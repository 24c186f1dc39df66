/** Shorter cuttings are copies already, UTF-16 units; V8's `SlicedString::kMinLength`. */
const SHORTEST_SLICE = 13;

/**
 * The same string, with characters of its own. V8 cuts a longer string out of a text by pointing into the text, so a
 * word that is kept keeps the whole text in memory; a detached one does not.
 */
export const detached = (text: string): string => (text.length < SHORTEST_SLICE ? text : ` ${text}`.slice(1));
