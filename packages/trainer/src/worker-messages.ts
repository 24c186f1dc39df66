import { isPropriaError, PropriaError } from "@propria/base";
import type { Batch } from "@propria/engine";
import type { BatchPlan, Cursor, PlannedBatch } from "./batch-plan.ts";
import type { SourceSpec } from "./source.ts";

/** What the data worker is started with. */
export interface WorkerJob {
  source: SourceSpec;
  plan: BatchPlan;
  cursor: Cursor | undefined;
  /** Batches that it may make before the first is taken. */
  batchesAhead: number;
}

/** To the worker: a batch was taken, so one more may be made; or: end. */
export type ToWorker = "taken" | "stop";

/** From the worker. */
export type FromWorker =
  | { kind: "batch"; planned: PlannedBatch }
  | { kind: "end" }
  | { kind: "error"; error: PackedError };

/** An error as plain data: cloning keeps neither the class nor the fields of ours. */
export interface PackedError {
  message: string;
  stack: string | undefined;
  /** Set for a PropriaError. */
  propria: { code: string; at: string | undefined; mend: string | undefined } | undefined;
  cause: PackedError | undefined;
}

/** An error on its way out of the worker. */
export function packError(error: unknown): PackedError {
  const known = error instanceof Error || isPropriaError(error);
  return {
    message: known ? error.message : String(error),
    stack: known ? error.stack : undefined,
    propria: isPropriaError(error) ? { code: error.code, at: error.at, mend: error.mend } : undefined,
    cause: known && error.cause !== undefined ? packError(error.cause) : undefined,
  };
}

/** The error again, in the main thread: same message, code, place, mend and stack. */
export function unpackError({ message, stack, propria, cause: packed }: PackedError): Error {
  const cause = packed && unpackError(packed);
  const error = propria
    ? new PropriaError(propria.code, message, { cause })
    : new Error(message, cause === undefined ? undefined : { cause });
  const fields = { message, ...(propria && { at: propria.at, mend: propria.mend }), ...(stack && { stack }) };
  return Object.assign(error, fields);
}

/** The memory of batches, to hand over instead of copying; each piece once. */
export function memoryOf(batches: readonly Batch[]): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  for (const batch of batches) collectMemory(batch, found);
  return [...found];
}

function collectMemory(batch: Batch, found: Set<ArrayBuffer>): void {
  for (const branch of Object.values(batch)) {
    if (!ArrayBuffer.isView(branch.data)) collectMemory(branch as Batch, found);
    else if (branch.data.buffer instanceof ArrayBuffer) found.add(branch.data.buffer);
  }
}
