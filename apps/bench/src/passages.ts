import type { CaseOptions } from "./bench-case.ts";
import { readTexts } from "./texts.ts";

const PASSAGES = 512;
const PASSAGE_WORDS = 200; // about 240 tokens of Wikipedia
const READ_BYTES = 8_000_000;

/** Passages of 200 words of the corpus, 512 of them where it has so many. */
export async function passages({ corpus }: Pick<CaseOptions, "corpus">): Promise<string[]> {
  const found: string[] = [];
  for (const text of await readTexts(corpus, READ_BYTES)) {
    const words = text.split(/\s+/);
    for (let start = 0; start + PASSAGE_WORDS <= words.length && found.length < PASSAGES; start += PASSAGE_WORDS)
      found.push(words.slice(start, start + PASSAGE_WORDS).join(" "));
  }
  return found;
}
