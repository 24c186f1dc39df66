/** Steps whose output is files. */
import { join } from "node:path";
import type { Json } from "./canonical.ts";
import type { Step, StepContext } from "./step.ts";

/** What a folder step gives: where its files stand, below the step's folder; "." of data that is given. */
export type FolderOutput = { readonly path: string } & { readonly [name: string]: Json };

/** A step that gives a folder: a collection, a vocabulary, a model. */
export type FolderStep = Step<FolderOutput>;

/** Where the files of an input stand. */
export function pathOf(context: StepContext, step: FolderStep): string {
  const { folder, output } = context.of(step);
  return join(folder, output.path);
}
