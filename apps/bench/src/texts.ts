import { PropriaError } from "@propria/base";
import { documentText, openCorpus } from "@propria/collection";

/** The texts of a corpus, up to about `bytes` of them. */
export async function readTexts(corpus: string | undefined, bytes = Number.POSITIVE_INFINITY): Promise<string[]> {
  const texts: string[] = [];
  let read = 0;
  for await (const document of (await openCorpus(givenCorpus(corpus))).documents()) {
    const text = documentText(document);
    texts.push(text);
    read += Buffer.byteLength(text);
    if (read >= bytes) break;
  }
  return texts;
}

/** The path that a case over text must be given. */
export function givenCorpus(corpus: string | undefined): string {
  if (corpus !== undefined) return corpus;
  throw new PropriaError("CORPUS_MISSING", "this case needs texts", {
    at: "--corpus",
    mend: "give a corpus, as to propria",
  });
}
