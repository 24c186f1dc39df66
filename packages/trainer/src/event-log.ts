import { appendFileSync, closeSync, fsyncSync, ftruncateSync, openSync, statSync } from "node:fs";
import { PropriaError } from "@propria/base";

/** One line of `events.jsonl`: what an update was like. */
export interface TrainingEvent {
  /** Updates done, 1 for the first. */
  step: number;
  loss: number;
  parts: Record<string, number>;
  learningRate: number;
  /** L2 norm over all gradients before clipping. */
  gradientNorm: number;
  /** Real tokens in the batch. */
  tokens: number;
  /** Seconds of training up to here, those before a resume too. */
  elapsed: number;
}

/** A file of events, one JSON object a line, that can be cut back to where a checkpoint stands. */
export interface EventLog {
  readonly bytes: number;
  append(event: TrainingEvent): void;
  /** Flushes, before a checkpoint names this length. */
  flush(): void;
  close(): void;
}

/**
 * Opens the log and cuts off whatever comes after its first `bytes`.
 *
 * @throws {PropriaError} `EVENTS_SHORT` when the file has fewer: it is not the one that the checkpoint knew.
 */
export function openEventLog(path: string, bytes: number): EventLog {
  const found = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (found < bytes)
    throw new PropriaError("EVENTS_SHORT", `the checkpoint knows ${bytes} bytes of events, ${found} are there`, {
      at: path,
      mend: "put the file back, or train in another folder",
    });
  const file = openSync(path, "a");
  ftruncateSync(file, bytes);
  let end = bytes;
  return {
    get bytes() {
      return end;
    },
    append(event) {
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      appendFileSync(file, line);
      end += line.length;
    },
    flush: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}
