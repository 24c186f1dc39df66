import { join } from "node:path";
import { writeFileAtomically } from "@propria/base";
import { openCorpus } from "@propria/collection";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";

/** A corpus cut into passages of so many words, each with its article's title; a last one of less than half of that is left out. */
export const passagesStep = (corpus: FolderStep, words: number): FolderStep =>
  defineStep({
    name: `passages of ${words} words`,
    kind: "passages",
    version: 1,
    settings: { words },
    inputs: { corpus },
    async run(context) {
      const { folder, stopIfAsked, onProgress } = context;
      const opened = await openCorpus(pathOf(context, corpus));
      let documents = 0;
      const lines = async function* () {
        for await (const { id, title, text } of opened.documents()) {
          stopIfAsked();
          for (const [i, passage] of passagesOf(text, words).entries())
            yield `${JSON.stringify({ _id: `${id}-${i}`, title, text: passage })}\n`;
          onProgress({ done: ++documents, unit: "documents" });
        }
      };
      await writeFileAtomically(join(folder, "passages", "part-00.jsonl"), lines());
      return { path: "passages" };
    },
  });

export function passagesOf(text: string, words: number): string[] {
  const all = text.split(/\s+/).filter(Boolean);
  const passages: string[] = [];
  for (let start = 0; start < all.length; start += words) {
    const passage = all.slice(start, start + words);
    if (passage.length * 2 >= words || start === 0) passages.push(passage.join(" "));
  }
  return passages;
}
