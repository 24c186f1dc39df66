import type { Document } from "@propria/collection";
import type { Batch } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import type { ExampleSource } from "@propria/trainer";
import type { Objective } from "./define-objective.ts";

/** What an objective's examples are made from. */
export interface ObjectiveSource {
  /** Documents by number. */
  documents: { readonly size: number; at(index: number): Document; close?(): void };
  tokenizer: Tokenizer;
  /** The objective's, parsed. One object throughout: what an objective keeps for a set of options, it finds again by it. */
  options: Record<string, unknown>;
  /** What the objective's `prepare` gave. */
  prepared: unknown;
  maxTokens: number;
}

/** An objective over documents as the trainer takes it: a document is an item. */
export function objectiveSource(
  objective: Objective,
  { documents, tokenizer, options, prepared, maxTokens }: ObjectiveSource,
): ExampleSource<unknown, Batch> {
  return {
    itemCount: documents.size,
    padId: tokenizer.padId,
    examples: (item, random) =>
      objective.examples(documents.at(item), { number: item, random, tokenizer, options, prepared, maxTokens }),
    collate: (examples, context) => objective.collate(examples, { ...context, tokenizer, options }),
    close: () => documents.close?.(),
  };
}
