/** Where an interaction model's training examples come from: a source module for the trainer's data worker. */
import type { Random } from "@propria/base";
import { DocumentStore, documentText } from "@propria/collection";
import type { Batch } from "@propria/engine";
import type { ExampleSource } from "@propria/trainer";
import { openTrainingGroups, type TrainingGroups, type TrainingQuery } from "../training-groups.ts";
import { readInteraction } from "./folder.ts";
import { EMBEDDINGS } from "./matcher.ts";
import { matcherOf } from "./open-matcher.ts";
import { documentWordIds } from "./vocabulary.ts";
import { wordsBy } from "./words.ts";

/** How often a query is learnt from in an epoch. */
export interface GroupsPerQuery {
  /** Documents in a group: a positive and `groupSize − 1` negatives. */
  groupSize: number;
  /** Groups of each positive, with negatives drawn anew. */
  groupsPerPositive: number;
  /** Groups of a query at most; which positives come is drawn. */
  groupsPerQuery: number;
  /** `"boost"`: queries with few positives, by quartiles, have 5, 3, 1.5 times as many groups, as in DRMM's code. */
  fewPositives: "same" | "boost";
}

/** What the worker is told. Structured-cloneable. */
export interface InteractionSourceOptions extends GroupsPerQuery {
  /** Folder of the model before its first step. */
  start: string;
  /** File of training queries, as fine-tuning writes it. */
  groups: string;
  /** Folder of the document store whose numbers the file uses. */
  documents: string;
}

/** One query with a positive, first, and its negatives. */
export interface InteractionExample {
  rows: object[];
}

/** One item is one training query; each epoch draws groups of its positives and negatives. */
export async function openSource(options: InteractionSourceOptions): Promise<ExampleSource<InteractionExample, Batch>> {
  const { config, vocabulary, parameters } = await readInteraction(options.start);
  const matcher = matcherOf(config, vocabulary, parameters[EMBEDDINGS]!);
  const words = wordsBy(config.words);
  const groups = openTrainingGroups(options.groups);
  const documents = DocumentStore.open(options.documents);
  const boost = options.fewPositives === "boost" ? boosts(groups) : () => 1;
  return {
    itemCount: groups.count,
    *examples(item, random) {
      const training = groups.at(item);
      const query = { ids: training.queryIds.slice(0, config.queryWords), unknown: new Map<string, number>() };
      const limit = config.documentWords;
      for (const group of drawGroups(training, documents.size, random, { ...options, boost: boost(training) }))
        yield {
          rows: group.map((number) =>
            matcher.row(query, documentWordIds(vocabulary, words(documentText(documents.at(number))), query, limit)),
          ),
        };
    },
    exampleTokens: ({ rows }) => Math.max(...rows.map((row) => matcher.length(row))),
    collate(examples, { bucketTokens }) {
      const rows = examples.flatMap((example) => example.rows);
      return matcher.collate(rows, { width: bucketTokens, count: rows.length });
    },
    close() {
      groups.close();
      documents.close();
    },
  };
}

/**
 * The groups of a query in one epoch. What stands below a positive is drawn without repetition from its negatives and its positives of a lower label, or
 * from the whole corpus where those are too few. No other positive of the query is ever among them.
 *
 * @param documentCount Documents in the corpus; at least the positives and `groupSize − 1` more.
 */
export function* drawGroups(
  { positives, negatives, labels = [] }: TrainingQuery,
  documentCount: number,
  random: Random,
  { groupSize, groupsPerPositive, groupsPerQuery, boost }: GroupsPerQuery & { boost: number },
): Generator<number[]> {
  const wanted = Math.max(1, Math.round(positives.length * groupsPerPositive * boost));
  const order = random.fork("positives").permutation(positives.length);
  for (let group = 0; group < Math.min(wanted, groupsPerQuery); group++) {
    const place = order[group % order.length]!;
    const pool = [...negatives, ...positives.filter((_, i) => labels[i]! < labels[place]!)];
    const drawn = [
      ...random
        .fork("group", group)
        .permutation(pool.length)
        .subarray(0, groupSize - 1),
    ];
    const documents = [positives[place]!, ...drawn.map((at) => pool[at]!)];
    const taken = new Set([...positives, ...documents]);
    for (const any = random.fork("corpus", group); documents.length < groupSize; ) {
      const number = any.int(documentCount);
      if (taken.has(number)) continue;
      taken.add(number);
      documents.push(number);
    }
    yield documents;
  }
}

const BOOSTS = [5, 3, 1.5]; // of the quartiles with the fewest positives, in DRMM's code

/** How many times as many groups a query has, by the quartile of its number of positives. */
function boosts(groups: TrainingGroups): (query: TrainingQuery) => number {
  const counts = Array.from({ length: groups.count }, (_, item) => groups.at(item).positives.length).sort(
    (a, b) => a - b,
  );
  const quartiles = BOOSTS.map((_, i) => counts[Math.floor(((i + 1) * (counts.length - 1)) / 4)]!);
  return ({ positives }) => BOOSTS[quartiles.findIndex((quartile) => positives.length <= quartile)] ?? 1;
}
