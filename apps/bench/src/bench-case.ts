/** A middle and what lies around it. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/**
 * One line of the result, in the form that `--json` writes. A ratio above 1 is in our favour. Where no peer does the same,
 * peer, theirs and ratio are null and `spread` has what the rounds gave.
 */
export type Row =
  | { name: string; peer: string; unit: string; ours: number; theirs: number; ratio: Spread }
  | { name: string; peer: null; unit: string; ours: number; theirs: null; ratio: null; spread: Spread };

/** What the command line gives a case. */
export interface CaseOptions {
  /** The Python that has the peer installed. */
  python: string;
  rounds: number;
  threads: number;
  /** What `propria --corpus` takes, for cases that read text. */
  corpus?: string | undefined;
  /** A model folder, for cases that use one. */
  model?: string | undefined;
  /** A folder of collections in BEIR layout. */
  data?: string | undefined;
  /** How much of its data a case takes, for those that say so; default: what its numbers are meant to be of. */
  size?: number | undefined;
  /** A line for a person who waits. */
  report(line: string): void;
}

/** A benchmark: its rows, measured side by side with a peer. */
export interface BenchCase {
  name: string;
  description: string;
  run(options: CaseOptions): Promise<Row[]>;
}

/** The row of paired measurements, one pair for each round. `better` says which way the numbers are good. */
export function rowOf(
  what: { name: string; peer: string; unit: string; better: "lower" | "higher" },
  pairs: readonly { ours: number; theirs: number }[],
): Row {
  const ratios = pairs.map(({ ours, theirs }) => (what.better === "lower" ? theirs / ours : ours / theirs));
  return {
    name: what.name,
    peer: what.peer,
    unit: what.unit,
    ours: round(median(pairs.map(({ ours }) => ours))),
    theirs: round(median(pairs.map(({ theirs }) => theirs))),
    ratio: spreadOf(ratios),
  };
}

/** The row of a measurement without a peer, one value for each round. */
export function soloRow(what: { name: string; unit: string }, values: readonly number[]): Row {
  return { ...what, peer: null, ours: round(median(values)), theirs: null, ratio: null, spread: spreadOf(values) };
}

const spreadOf = (values: readonly number[]): Spread => ({
  median: round(median(values)),
  min: round(Math.min(...values)),
  max: round(Math.max(...values)),
});

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

const round = (value: number): number => Number(value.toPrecision(4));
