/** Texts of any number as vectors, batch after batch. */
import { type Corpus, documentText } from "@propria/collection";
import type { BiEncoder } from "@propria/rankers";
import type { ProgressDisplay } from "../program/progress.ts";
import { countedFirst } from "./counted-first.ts";

/** A text with its id, as the encoder takes it. */
export interface Identified {
  id: string;
  text: string;
}

/** Texts that can be read from the beginning any number of times. */
export type Texts = () => AsyncIterable<Identified>;

/** Title and text of a corpus' documents. */
export const documentTexts = (corpus: Corpus): Texts =>
  async function* () {
    for await (const document of corpus.documents()) yield { id: document.id, text: documentText(document) };
  };

const WINDOW = 256; // texts sorted by length together: more waste less padding, fewer show sooner how far it is

/** Encodes the texts in their order; they are counted first, which is quick beside it, so that the time left is known. */
export async function* encoded(
  model: BiEncoder,
  texts: Texts,
  { side, progress }: { side: "query" | "document"; progress: ProgressDisplay },
): AsyncGenerator<{ ids: string[]; vectors: Float32Array }> {
  const unit = side === "query" ? "queries" : "documents";
  const total = await countedFirst(texts(), progress, unit);
  const step = progress.start("encoding", unit);
  let done = 0;
  for await (const batch of model.encodeStream(texts(), { side, window: WINDOW })) {
    yield batch;
    done += batch.ids.length;
    step.update(done, total);
  }
  step.end(`${done} ${unit}`);
}
