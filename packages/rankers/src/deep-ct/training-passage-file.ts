/**
 * DeepCT's training passages in a file, for the data worker. It has the form of a file of training queries, with a row's pieces in the
 * query's place, the places of its words in the positives', and the targets in the teacher's.
 */
import { openTrainingGroups, writeTrainingGroups } from "../training-groups.ts";

/** One row and what is to be learnt of it. */
export interface TrainingPassage {
  /** Special tokens included. */
  ids: readonly number[];
  /** The places of the words' first pieces in `ids`. */
  positions: readonly number[];
  /** Of each word, float32. */
  targets: readonly number[];
}

/** Random access to the passages. */
export interface TrainingPassages {
  readonly count: number;
  at(item: number): TrainingPassage;
  close(): void;
}

/** Writes passages as they come, whole or not at all. */
export function writeTrainingPassages(path: string, passages: AsyncIterable<TrainingPassage>): Promise<void> {
  async function* queries() {
    for await (const { ids, positions, targets } of passages)
      yield { queryIds: ids, positives: positions, negatives: [], teacher: targets };
  }
  return writeTrainingGroups(path, queries());
}

/** Opens a file of passages. @throws {PropriaError} `TRAINING_GROUPS` when it is none or is not whole. */
export function openTrainingPassages(path: string): TrainingPassages {
  const file = openTrainingGroups(path);
  return {
    count: file.count,
    at(item) {
      const { queryIds, positives, teacher = [] } = file.at(item);
      return { ids: queryIds, positions: positives, targets: teacher };
    },
    close: () => file.close(),
  };
}
