/** A step of an experiment: a pure function of its settings and of other steps' outputs, so that its output can be kept. */
import type { Json } from "./canonical.ts";

/** How far a running step is. */
export interface StepProgress {
  done: number;
  total?: number;
  /** What is counted: `steps`, `documents`, `queries`. */
  unit: string;
  /** What else is known: the loss. */
  note?: string;
}

/** A finished step, as another sees it. */
export interface Finished<Output extends Json> {
  /** Where its files stand. */
  folder: string;
  output: Output;
  /** Hash of all that it is made from. */
  key: string;
}

/** What a step is given to run. */
export interface StepContext {
  /** Its folder, which may hold what an interrupted call left. */
  folder: string;
  /** The output of a step among its inputs. */
  of<Output extends Json>(step: Step<Output>): Finished<Output>;
  threads: number | undefined;
  signal: AbortSignal;
  onProgress(progress: StepProgress): void;
  /** Ends the step where the user has asked for that; for work that has no checkpoint to write. @throws {PropriaError} `INTERRUPTED` */
  stopIfAsked(): void;
}

/** A node of the graph. The same kind, version, settings and inputs mean the same output. */
export interface Step<Output extends Json = Json> {
  /** For people: `pretrain COSTA, seed 1`. */
  readonly name: string;
  /** What it does: `pretrain`. */
  readonly kind: string;
  /** Of the kind's code: raised whenever the same settings give another output than before. */
  readonly version: number;
  /** All that decides the output, beside the inputs. */
  readonly settings: Json;
  readonly inputs: Readonly<Record<string, Step>>;
  /** Files that are given rather than made; their content is what the key is made from. */
  readonly source?: string;
  run(context: StepContext): Promise<Output>;
}

/** A step whose output is a value; the identity, for the types. */
export const defineStep = <Output extends Json>(step: Step<Output>): Step<Output> => step;
