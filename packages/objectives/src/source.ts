/** `@propria/objectives/source`: the module that the trainer's data worker imports to make the examples of a pre-training. */
import { DocumentStore } from "@propria/collection";
import type { Batch } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import type { ExampleSource } from "@propria/trainer";
import { loadObjective } from "./load-objective.ts";
import { objectiveSource } from "./objective-source.ts";

/** Everything by value or by path: it crosses to another thread. */
export interface SourceOptions {
  /** A built-in's name, or a file's absolute path. */
  objective: string;
  /** Parsed. */
  options: Record<string, unknown>;
  /** The folder of a `DocumentStore`. */
  documents: string;
  /** What `Tokenizer.load` reads. */
  tokenizer: string;
  prepared: unknown;
  maxTokens: number;
}

/** Opens the objective, the documents and the vocabulary in this thread. */
export async function openSource(from: SourceOptions): Promise<ExampleSource<unknown, Batch>> {
  return objectiveSource(await loadObjective(from.objective), {
    documents: DocumentStore.open(from.documents),
    tokenizer: await Tokenizer.load(from.tokenizer),
    options: from.options,
    prepared: from.prepared,
    maxTokens: from.maxTokens,
  });
}
