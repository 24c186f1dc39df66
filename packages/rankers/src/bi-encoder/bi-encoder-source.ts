/** Where a bi-encoder's training examples come from: a source module for the trainer's data worker. */
import { type Random, seeded } from "@propria/base";
import { DocumentStore, documentText } from "@propria/collection";
import type { Batch, NdArray } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import type { CollateContext, ExampleSource } from "@propria/trainer";
import { openTrainingGroups, type TrainingQuery } from "../training-groups.ts";
import type { TextBatch } from "./bi-encoder.ts";
import { SPECIAL_TOKENS, textRow } from "./text-input.ts";

/** What the worker is told. Structured-cloneable. */
export interface BiEncoderSourceOptions {
  /** File of training queries, as fine-tuning writes it. */
  groups: string;
  /** Folder of the document store whose numbers the file uses. */
  documents: string;
  /** Folder of the tokenizer. */
  tokenizer: string;
  /** Passages of a query: a positive and `groupSize − 1` negatives. */
  groupSize: number;
  /** One of a query's positives in an epoch, or each as an example of its own. */
  positives: "one" | "each";
  /** Longest query, special tokens included: what queries are cut and padded to. */
  queryTokens: number;
  /** Longest passage, special tokens included. */
  maxTokens: number;
  documentPrefix: string;
  /** The most positives of a query in the file. */
  mostPositives: number;
  /** Whether the file has a teacher's scores. */
  teacher: boolean;
  /** Decides each query's order of negatives. */
  seed: number;
}

/** One query, a positive, first, and negatives. */
export interface BiEncoderExample {
  query: number[];
  passages: number[][];
  /** Numbers of the passages' documents. */
  documents: number[];
  /** Numbers of all documents that are judged relevant to the query. */
  relevant: readonly number[];
  /** The teacher's scores of the passages, NaN where it gave none. */
  teacher: number[];
}

/** A batch of `B` queries with `n` passages each. */
export interface BiEncoderBatch extends Batch {
  readonly query: TextBatch;
  /** `[B·n, T]`, query after query. */
  readonly passages: TextBatch;
  /** int32 `[B, n]` */
  readonly documents: NdArray<[number, number]>;
  /** int32 `[B, P]`, filled up with −1. */
  readonly relevant: NdArray<[number, number]>;
}

/** With a teacher: its scores, and 1 where it scored; float32 `[B, n]` both. */
export interface TaughtBatch extends BiEncoderBatch {
  readonly teacher: NdArray<[number, number]>;
  readonly taught: NdArray<[number, number]>;
}

/** One item is one training query; each epoch takes its next positive and its next negatives. */
export async function openSource(
  options: BiEncoderSourceOptions,
): Promise<ExampleSource<BiEncoderExample, BiEncoderBatch>> {
  const groups = openTrainingGroups(options.groups);
  const documents = DocumentStore.open(options.documents);
  const tokenizer = await Tokenizer.load(options.tokenizer);
  const { queryTokens, maxTokens, documentPrefix } = options;
  const passage = (number: number) =>
    textRow(tokenizer, documentPrefix + documentText(documents.at(number)), maxTokens);
  return {
    itemCount: groups.count,
    padId: tokenizer.padId,
    *examples(item, random, epoch) {
      const query = groups.at(item);
      const { clsId, sepId } = tokenizer;
      const row = [clsId, ...query.queryIds.slice(0, queryTokens - SPECIAL_TOKENS), sepId];
      const scores = scoresOf(query);
      for (const group of drawGroups(query, { ...options, item, epoch, documentCount: documents.size, random })) {
        yield {
          query: row,
          passages: group.map(passage),
          documents: group,
          relevant: query.positives,
          teacher: group.map((number) => scores.get(number) ?? Number.NaN),
        };
      }
    },
    exampleTokens: ({ passages }) => Math.max(...passages.map((ids) => ids.length)),
    collate: (examples, context) => collateExamples(examples, context, options),
    close() {
      groups.close();
      documents.close();
    },
  };
}

function scoresOf({ positives, negatives, teacher = [] }: TrainingQuery): Map<number, number> {
  const numbers = [...positives, ...negatives];
  return new Map(teacher.map((score, i) => [numbers[i]!, score]));
}

/** Whose turn it is. */
export interface Turn extends Pick<BiEncoderSourceOptions, "groupSize" | "positives" | "seed"> {
  item: number;
  epoch: number;
  /** Documents in the corpus. */
  documentCount: number;
  /** The item's stream in this epoch. */
  random: Random;
}

/**
 * The groups of a query in an epoch, as numbers of documents, the positive first. With `positives: "one"` there is one, of positive
 * (a number of the query + epoch) mod their count; with `"each"` one for each positive.
 *
 * Negatives are taken in turn from the query's list, shuffled once for the whole training: each group the next `groupSize − 1`,
 * from the beginning again after the end. A list of fewer than that is drawn from with replacement; of a query without any, they are
 * random documents of the corpus. COSTA's fine-tuning code does the first two; it leaves out queries without negatives.
 */
export function drawGroups(query: TrainingQuery, turn: Turn): number[][] {
  const { positives } = query;
  const { item, epoch, seed } = turn;
  if (turn.positives === "each")
    return positives.map((positive, i) => [positive, ...drawNegatives(query, epoch * positives.length + i, turn)]);
  const first = seeded(seed, "positives", item).int(positives.length);
  return [[positives[(first + epoch) % positives.length]!, ...drawNegatives(query, epoch, turn)]];
}

/** The negatives of a query's group number `group`, over all epochs. */
function drawNegatives(
  { positives, negatives }: TrainingQuery,
  group: number,
  { item, groupSize, seed, random, documentCount }: Turn,
): number[] {
  const needed = groupSize - 1;
  if (negatives.length >= needed) {
    const order = seeded(seed, "order", item).permutation(negatives.length);
    return Array.from({ length: needed }, (_, i) => negatives[order[(group * needed + i) % negatives.length]!]!);
  }
  const draw = random.fork("negatives", group);
  if (negatives.length > 0) return Array.from({ length: needed }, () => negatives[draw.int(negatives.length)]!);
  const relevant = new Set(positives);
  const found = new Set<number>();
  while (found.size < needed) {
    const number = draw.int(documentCount);
    if (!relevant.has(number)) found.add(number);
  }
  return [...found];
}

/** Examples to arrays: queries at one width, passages at their bucket's. */
function collateExamples(
  examples: readonly BiEncoderExample[],
  { pad }: CollateContext,
  { queryTokens, groupSize, mostPositives, teacher }: BiEncoderSourceOptions,
): BiEncoderBatch {
  const batch = examples.length;
  const relevant = new Int32Array(batch * mostPositives).fill(NOBODY);
  for (const [i, example] of examples.entries()) relevant.set(example.relevant, i * mostPositives);
  const grouped = <Numbers>(data: Numbers) => ({ data, shape: [batch, groupSize] as [number, number] });
  const arrays: BiEncoderBatch = {
    query: pad(
      examples.map(({ query }) => query),
      { width: queryTokens },
    ),
    passages: pad(examples.flatMap(({ passages }) => passages)),
    documents: grouped(Int32Array.from(examples.flatMap(({ documents }) => documents))),
    relevant: { data: relevant, shape: [batch, mostPositives] },
  };
  if (!teacher) return arrays;
  const scores = Float32Array.from(examples.flatMap((example) => example.teacher));
  const taught: TaughtBatch = {
    ...arrays,
    teacher: grouped(scores.map((score) => (Number.isNaN(score) ? 0 : score))),
    taught: grouped(scores.map((score) => (Number.isNaN(score) ? 0 : 1))),
  };
  return taught;
}

/** The number of no document. */
const NOBODY = -1;
