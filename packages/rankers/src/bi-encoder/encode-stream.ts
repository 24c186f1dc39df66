/** Vectors of a stream of texts, in its order and in bounded memory. */

/** A text to encode. */
export interface IdentifiedText {
  id: string;
  text: string;
}

/** Vectors of some texts, one after the other. */
export interface IdentifiedVectors {
  ids: string[];
  /** `[ids.length · dimensions]`. */
  vectors: Float32Array;
}

/** How a stream is cut. */
export interface Windows {
  /** Texts held, sorted by length and given out together; default 4096. More is a little less padding. */
  window?: number;
}

const DEFAULT_WINDOW = 4096;

/** Encodes `window` texts at a time. */
export async function* inWindows(
  texts: AsyncIterable<IdentifiedText> | Iterable<IdentifiedText>,
  encode: (texts: readonly string[]) => Promise<Float32Array>,
  { window = DEFAULT_WINDOW }: Windows = {},
): AsyncGenerator<IdentifiedVectors> {
  let ids: string[] = [];
  let part: string[] = [];
  for await (const { id, text } of texts) {
    ids.push(id);
    part.push(text);
    if (part.length < window) continue;
    yield { ids, vectors: await encode(part) };
    [ids, part] = [[], []];
  }
  if (part.length > 0) yield { ids, vectors: await encode(part) };
}
