/** Texts that are asked for one by one, computed in batches of similar length. */

/** A text to compute. */
export interface QueuedRow {
  /** Tokens. */
  length: number;
}

/** How rows are computed. */
export interface RowQueueOptions<Row extends QueuedRow, Result> {
  /** Tokens of a batch, padding included. */
  batchTokens: number;
  /** No row is padded beyond it. In tokens. */
  maxTokens: number;
  /** The results of `rows` in their order, padded to `width` tokens. */
  run(rows: readonly Row[], width: number): Promise<Result[]>;
}

/** Rows that wait, and one batch of them that runs. */
export interface RowQueue<Row extends QueuedRow, Result> {
  /** The row's result, computed together with those that wait at that moment. */
  ask(row: Row): Promise<Result>;
  /** Ends when nothing waits and nothing runs. */
  idle(): Promise<void>;
}

interface Waiting<Row, Result> {
  row: Row;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const STEP = 16; // tokens; finer pads less and compiles more

/**
 * A queue. The row that has waited longest goes next, and with it those that are little shorter, none by more than half, in the order in which they came. Of a batch that
 * fails, each row is computed alone, so that the one at fault fails alone.
 */
export function rowQueue<Row extends QueuedRow, Result>({
  batchTokens,
  maxTokens,
  run,
}: RowQueueOptions<Row, Result>): RowQueue<Row, Result> {
  let waiting: Waiting<Row, Result>[] = [];
  let working: Promise<void> | undefined;

  /** Takes the next batch out of those that wait. */
  function next(): { batch: Waiting<Row, Result>[]; width: number } {
    const width = Math.min(Math.ceil(waiting[0]!.row.length / STEP) * STEP, maxTokens);
    const isNear = ({ row: { length } }: Waiting<Row, Result>) => length <= width && 2 * length > width - STEP;
    const batch = waiting.filter(isNear).slice(0, Math.max(1, Math.floor(batchTokens / width)));
    waiting = waiting.filter((each) => !batch.includes(each));
    return { batch, width };
  }

  async function work(): Promise<void> {
    await new Promise(setImmediate); // those that are asked for in the same turn come along
    while (waiting.length > 0) {
      const { batch, width } = next();
      const rows = batch.map(({ row }) => row);
      const results = await run(rows, width).catch(() => undefined);
      for (const [i, { row, resolve, reject }] of batch.entries())
        if (results) resolve(results[i]!);
        else await run([row], row.length).then(([result]) => resolve(result!), reject);
    }
    working = undefined;
  }

  return {
    ask: (row) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ row, resolve, reject });
        working ??= work();
      }),
    async idle() {
      await working;
    },
  };
}
