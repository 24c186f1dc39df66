import { createHash } from "node:crypto";
import type { Document } from "./document.ts";

/** SHA-256, in hexadecimal, over the documents in their order: their ids, titles and texts, whatever file they come from. Streams. */
export async function corpusHash(corpus: { documents(): AsyncIterable<Document> }): Promise<string> {
  const hash = createHash("sha256");
  for await (const document of corpus.documents()) hash.update(hashed(document));
  return hash.digest("hex");
}

/** What a document adds to the hash. */
export const hashed = ({ id, title, text }: Document): string => `${JSON.stringify([id, title, text])}\n`;
