/** Where a cross-encoder's training examples come from: a source module for the trainer's data worker. */
import type { Random } from "@propria/base";
import { DocumentStore, documentText } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import type { CollateContext, ExampleSource } from "@propria/trainer";
import type { PairBatch } from "./cross-encoder.ts";
import { type PairLimits, type PairRow, packPair, segmentsOf } from "./pair-input.ts";
import { openTrainingGroups, type TrainingQuery } from "./training-groups.ts";

/** What the worker is told. Structured-cloneable. */
export interface CrossEncoderSourceOptions extends PairLimits {
  /** File of training queries, as fine-tuning writes it. */
  groups: string;
  /** Folder of the document store whose numbers the file uses. */
  documents: string;
  /** Folder of the tokenizer. */
  tokenizer: string;
  /** Documents in a group: a positive and `groupSize − 1` negatives. */
  groupSize: number;
}

/** One query with a positive, first, and its negatives. */
export interface GroupExample {
  rows: PairRow[];
}

/** One item is one training query; each epoch draws one of its positives and `groupSize − 1` of its negatives. */
export async function openSource(options: CrossEncoderSourceOptions): Promise<ExampleSource<GroupExample, PairBatch>> {
  const groups = openTrainingGroups(options.groups);
  const documents = DocumentStore.open(options.documents);
  const tokenizer = await Tokenizer.load(options.tokenizer);
  const { queryTokens, groupSize } = options;
  return {
    itemCount: groups.count,
    padId: tokenizer.padId,
    *examples(item, random) {
      const query = groups.at(item);
      const queryIds = query.queryIds.slice(0, queryTokens);
      const rows = drawGroup(query, groupSize, documents.size, random).map((number) =>
        packPair(tokenizer, queryIds, documentText(documents.at(number)), options),
      );
      yield { rows };
    },
    exampleTokens: ({ rows }) => Math.max(...rows.map(({ ids }) => ids.length)),
    collate: collateGroups,
    close() {
      groups.close();
      documents.close();
    },
  };
}

/**
 * A group: a positive and negatives without repetition, drawn from the query's own, or from the whole corpus where those are
 * too few. No positive of the query is ever among its negatives.
 *
 * @param documentCount Documents in the corpus; at least the positives and `groupSize − 1` more.
 */
export function drawGroup(
  { positives, negatives }: TrainingQuery,
  groupSize: number,
  documentCount: number,
  random: Random,
): number[] {
  const group = [positives[random.fork("positive").int(positives.length)]!];
  const order = random.fork("negatives").permutation(negatives.length);
  for (const place of order.subarray(0, groupSize - 1)) group.push(negatives[place]!);
  const taken = new Set([...positives, ...group]);
  for (const any = random.fork("corpus"); group.length < groupSize; ) {
    const number = any.int(documentCount);
    if (taken.has(number)) continue;
    taken.add(number);
    group.push(number);
  }
  return group;
}

/** Groups to arrays, group after group: `[groups · groupSize, T]`. */
function collateGroups(examples: readonly GroupExample[], { pad }: CollateContext): PairBatch {
  const rows = examples.flatMap((example) => example.rows);
  return pad(
    rows.map(({ ids }) => ids),
    { tokenTypes: rows.map(segmentsOf) },
  );
}
