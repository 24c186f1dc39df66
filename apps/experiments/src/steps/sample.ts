import { join } from "node:path";
import { writeFileAtomically } from "@propria/base";
import { openCorpus } from "@propria/collection";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";

/** Every so-manieth document of a corpus. */
export const sampleStep = (label: string, corpus: FolderStep, every: number): FolderStep =>
  defineStep({
    name: `every ${every}th of ${label}`,
    kind: "sample",
    version: 1,
    settings: { every },
    inputs: { corpus },
    async run(context) {
      const { folder, stopIfAsked } = context;
      const opened = await openCorpus(pathOf(context, corpus));
      const lines = async function* () {
        let number = 0;
        for await (const { id, title, text } of opened.documents()) {
          stopIfAsked();
          if (number++ % every === 0) yield `${JSON.stringify({ _id: id, title, text })}\n`;
        }
      };
      await writeFileAtomically(join(folder, "sample", "part-00.jsonl"), lines());
      return { path: "sample" };
    },
  });
