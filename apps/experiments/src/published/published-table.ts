/** A table as the thesis prints it. */
export interface PublishedTable {
  /** What the slides or the paper call it. */
  title: string;
  /** Paper or slide that the numbers are copied from. */
  source: string;
  /** Column heads beside the system: `MARCO Dev Passage MRR@10`. */
  columns: readonly string[];
  rows: readonly PublishedRow[];
  /** What to know when comparing. */
  note?: string;
}

/** A line of it; `null` where the thesis prints a dash. */
export interface PublishedRow {
  system: string;
  values: readonly (number | null)[];
  /** The significance marks beside the values, in the thesis' own signs. */
  marks?: readonly string[];
}
