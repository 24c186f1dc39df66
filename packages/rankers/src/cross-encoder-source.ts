/** Where a cross-encoder's training examples come from: a source module for the trainer's data worker. */
import type { Random } from "@propria/base";
import { type Document, DocumentStore, documentText } from "@propria/collection";
import type { NdArray } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import type { CollateContext, ExampleSource } from "@propria/trainer";
import type { PairBatch } from "./cross-encoder.ts";
import { type PairLimits, type PairRow, packPair, segmentsOf } from "./pair-input.ts";
import { type PassageReading, passagesOf } from "./passages.ts";
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
  /** Whether the file's labels go with the groups, as `labels`. */
  graded: boolean;
  /** How documents are read: from the start, cut at the end of the pair (`train` absent), or by one of their passages. */
  passages?: TrainingPassages | undefined;
}

/** How documents are read where the model ranks, and which of their passages it learns from. */
export interface TrainingPassages extends PassageReading {
  /**
   * Which passage stands for a document in a group: `"first"`; `"any"`, each as likely; or `"mostlyFirst"`, as often as in Dai and Callan's training,
   * which keeps the first passage of every document and a tenth of the others: of P passages the first with a probability of
   * 1 / (1 + (P − 1) / 10), else any other. Default: none; the model learns from what of a document fits in a pair, as PROP does and most.
   */
  train?: (typeof trainingPassages)[number];
}

/** The names of those choices. */
export const trainingPassages = ["first", "any", "mostlyFirst"] as const;

/** One query with a positive, first, and its negatives. */
export interface GroupExample {
  rows: PairRow[];
  /** How relevant each is; 1 and zeros where grades are not told apart. */
  labels: number[];
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
      const group = drawGroup(query, groupSize, documents.size, random);
      const rows = group.map((number, place) => {
        const text = textOf(documents.at(number), options.passages, random.fork("passage", place));
        return packPair(tokenizer, queryIds, text, options);
      });
      yield { rows, labels: labelsOf(group, query) };
    },
    exampleTokens: ({ rows }) => Math.max(...rows.map(({ ids }) => ids.length)),
    collate: (examples, context) => collateGroups(examples, context, options.graded),
    close() {
      groups.close();
      documents.close();
    },
  };
}

/** What stands for a document in a group: its start, or one of its passages. */
function textOf(document: Document, passages: TrainingPassages | undefined, random: Random): string {
  if (passages?.train === undefined) return documentText(document);
  const texts = passagesOf(document, passages.train === "first" ? { ...passages, most: 1 } : passages);
  if (passages.train === "any") return texts[random.int(texts.length)]!;
  const others = texts.length - 1;
  if (others === 0 || random() < 1 / (1 + KEPT_OF_OTHERS * others)) return texts[0]!;
  return texts[1 + random.int(others)]!;
}

const KEPT_OF_OTHERS = 0.1; // of a document's passages but the first, in Dai and Callan's training

/** How relevant the documents of a group are; those that are no positive not at all. */
function labelsOf(group: readonly number[], { positives, labels }: TrainingQuery): number[] {
  if (labels === undefined) return group.map((_, place) => (place === 0 ? 1 : 0));
  return group.map((number) => labels[positives.indexOf(number)] ?? 0);
}

/**
 * A group: a positive and negatives without repetition, drawn from the query's own, or from the whole corpus where those are
 * too few. No positive of the query is ever among its negatives, but for one with a lower label: as long as there is such a one, each place is
 * given to one of them or to a negative with even odds (a guess).
 *
 * @param documentCount Documents in the corpus; at least the positives and `groupSize − 1` more.
 */
export function drawGroup(
  { positives, negatives, labels = [] }: TrainingQuery,
  groupSize: number,
  documentCount: number,
  random: Random,
): number[] {
  const first = random.fork("positive").int(positives.length);
  const group = [positives[first]!];
  const lower = drawnOrder(
    positives.filter((_, i) => labels[i]! < labels[first]!),
    random.fork("lower"),
  );
  const own = drawnOrder(negatives, random.fork("negatives"));
  for (const odds = random.fork("odds"); group.length < groupSize && lower.length + own.length > 0; ) {
    const from = lower.length > 0 && (own.length === 0 || odds() < 0.5) ? lower : own;
    group.push(from.shift()!);
  }
  const taken = new Set([...positives, ...group]);
  for (const any = random.fork("corpus"); group.length < groupSize; ) {
    const number = any.int(documentCount);
    if (taken.has(number)) continue;
    taken.add(number);
    group.push(number);
  }
  return group;
}

const drawnOrder = (numbers: readonly number[], random: Random): number[] =>
  [...random.permutation(numbers.length)].map((place) => numbers[place]!);

/** Groups to arrays, group after group: `[groups · groupSize, T]`, and their labels `[groups · groupSize]` where asked for. */
function collateGroups(examples: readonly GroupExample[], { pad }: CollateContext, graded: boolean): PairBatch {
  const rows = examples.flatMap((example) => example.rows);
  const pairs = pad(
    rows.map(({ ids }) => ids),
    { tokenTypes: rows.map(segmentsOf) },
  );
  if (!graded) return pairs;
  const labels = Float32Array.from(examples.flatMap((example) => example.labels));
  return { ...pairs, labels: { data: labels, shape: [labels.length] } } as GradedBatch;
}

/** Pairs with how relevant each is, float32 `[B]`. */
export interface GradedBatch extends PairBatch {
  readonly labels: NdArray<[number]>;
}
