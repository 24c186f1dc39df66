import type { Run } from "@propria/metrics";

/** What a search gave. */
export interface Answers {
  run: Run;
  /** Of the run: which system it is. */
  tag: string;
  /** How many were searched. */
  documents: number;
}
