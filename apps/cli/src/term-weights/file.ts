/** Term weights of a corpus in a file: JSON lines as Anserini's JsonVectorCollection has them. */
import { PropriaError } from "@propria/base";
import { readLines } from "@propria/collection";
import type { WeightedDocument } from "@propria/lexical";

const FORM = '{"id": "d1", "contents": "", "vector": {"word": 7}}';

/** The line of a document: its words with their frequencies. */
export const weightedLine = ({ id, terms }: WeightedDocument): string =>
  `${JSON.stringify({ id, contents: "", vector: Object.fromEntries(terms) })}\n`;

/**
 * The documents of such a file, plain or `.gz`.
 *
 * @throws {PropriaError} `WEIGHTS_LINE` with file and line; what `readLines` throws for a file that cannot be read.
 */
export async function* readTermWeights(path: string): AsyncGenerator<WeightedDocument> {
  for await (const { lines, firstNumber } of readLines(path))
    for (const [i, text] of lines.entries()) if (text.trim() !== "") yield parse(text, `${path}:${firstNumber + i}`);
}

function parse(text: string, at: string): WeightedDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PropriaError("WEIGHTS_LINE", "is no JSON", { at, mend: `write: ${FORM}`, cause });
  }
  const { id, vector } = (value ?? {}) as { id?: unknown; vector?: unknown };
  if (typeof id !== "string" || typeof vector !== "object" || vector === null)
    throw new PropriaError("WEIGHTS_LINE", `expected ${FORM}`, { at });
  if (id === "" || /\s|^#/.test(id))
    throw new PropriaError("WEIGHTS_LINE", `the id ${JSON.stringify(id)} is empty, has spaces or begins with #`, {
      at,
      mend: "write it as one word, as the collection does",
    });
  const terms = Object.entries(vector as Record<string, unknown>);
  const bad = terms.find(([, frequency]) => !(Number.isSafeInteger(frequency) && (frequency as number) >= 1));
  if (bad !== undefined)
    throw new PropriaError("WEIGHTS_LINE", `the frequency of ${JSON.stringify(bad[0])} is ${JSON.stringify(bad[1])}`, {
      at,
      mend: "a whole number, 1 or more",
    });
  return { id, terms: new Map(terms as [string, number][]) };
}
