/** Search by vectors: an index of documents, asked with the model that encoded them. */
import type { Collection, Query } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import { runTag, searchIndex } from "@propria/rankers";
import type { EncodingFlags } from "../flags/encoding.ts";
import type { Values } from "../flags/flag.ts";
import type { searchingFlags } from "../flags/indexing.ts";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";
import { type EngineFlags, withBiEncoder } from "../steps/bi-encoder.ts";
import { mustBeIndex } from "../steps/folder-kind.ts";
import { modelFor } from "../steps/recorded-model.ts";
import type { Answers } from "./answers.ts";
import { requireJudged } from "./same-collection.ts";

/** The flags that this way of searching has. */
export interface VectorFlags extends EncodingFlags, Values<typeof searchingFlags>, EngineFlags {
  model: string | undefined;
  split: string;
  depth: number;
}

/**
 * Answers the judged queries of a collection's split from the index in a folder, which must be of the model's space.
 *
 * @throws {PropriaError} `NOT_AN_INDEX`; `OTHER_COLLECTION` for an index without a judged document; what opening and searching throw.
 */
export async function searchVectors(
  folder: string,
  { model, depth, split, ...flags }: VectorFlags,
  collection: Collection,
  queries: readonly Query[],
  context: CommandContext,
): Promise<Answers> {
  await mustBeIndex(folder);
  const qrels = await collection.qrels(split);
  const { folder: modelFolder, encoding } = await modelFor(folder, model, flags);
  return withBiEncoder(modelFolder, { ...flags, ...encoding }, context, async (encoder) => {
    const { threads, efSearch, nprobe, candidates } = flags;
    const index = await openIndex(folder, {
      space: encoder.space,
      ...given({ threads, efSearch, nprobe, candidates }),
    });
    try {
      const lacks = requireJudged({
        has: index.has,
        ...{ at: folder, qrels, collection: collection.name, split },
        mend: "index this collection: propria index --model DIR --corpus PATH --out DIR",
      });
      if (lacks !== undefined) context.note(lacks);
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
