/** One line of the result, in the form that `--json` writes. A ratio above 1 is in our favour. */
export interface Row {
  name: string;
  peer: string;
  unit: string;
  ours: number;
  theirs: number;
  ratio: { median: number; min: number; max: number };
}

/** What the command line gives a case. */
export interface CaseOptions {
  /** The Python that has the peer installed. */
  python: string;
  rounds: number;
  threads: number;
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
    ratio: { median: round(median(ratios)), min: round(Math.min(...ratios)), max: round(Math.max(...ratios)) },
  };
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

const round = (value: number): number => Number(value.toPrecision(4));
