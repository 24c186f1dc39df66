/** Search by vectors: an index of documents, asked with the model that encoded them. */
import type { Query } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import { runTag, searchIndex } from "@propria/rankers";
import type { EncodingFlags } from "../flags/encoding.ts";
import type { Values } from "../flags/flag.ts";
import type { searchingFlags } from "../flags/indexing.ts";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";
import { type EngineFlags, withBiEncoder } from "../steps/bi-encoder.ts";
import { modelFor } from "../steps/recorded-model.ts";
import type { Answers } from "./answers.ts";

/** The flags that this way of searching has. */
export interface VectorFlags extends EncodingFlags, Values<typeof searchingFlags>, EngineFlags {
  model: string | undefined;
  depth: number;
}

/** Answers the queries from the index in a folder, which must be of the model's space. */
export async function searchVectors(
  folder: string,
  { model, depth, ...flags }: VectorFlags,
  queries: readonly Query[],
  context: CommandContext,
): Promise<Answers> {
  const { folder: modelFolder, encoding } = await modelFor(folder, model, flags);
  return withBiEncoder(modelFolder, { ...flags, ...encoding }, context, async (encoder) => {
    const { threads, efSearch, nprobe, candidates } = flags;
    const index = await openIndex(folder, {
      space: encoder.space,
      ...given({ threads, efSearch, nprobe, candidates }),
    });
    try {
      const step = context.progress.start("searching", "queries");
      const run = await searchIndex(encoder, index, queries, {
        depth,
        onProgress: ({ queries: done }) => step.update(done, queries.length),
      });
      step.end(`${run.size} queries`);
      return { run, tag: runTag(encoder.space), documents: index.size };
    } finally {
      await index.release();
    }
  });
}
