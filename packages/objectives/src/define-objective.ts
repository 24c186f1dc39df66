import type { Random } from "@propria/base";
import type { Document } from "@propria/collection";
import type { Batch, OnDevice, Scope } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import type { CollateContext as BatchContext } from "@propria/trainer";
import type { EncoderConfig, Init, Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import type { z } from "zod";

/** What `prepare` gets beside the corpus. */
export interface PrepareContext<Options> {
  options: Options;
  tokenizer: Tokenizer;
  /** Called now and then with the number of documents read. */
  onProgress?: ((documents: number) => void) | undefined;
}

/** What `examples` gets beside the document. */
export interface ExampleContext<Options, Prepared> {
  /** This document's own stream in this epoch: a function of the seed, the epoch and the document's number. */
  random: Random;
  tokenizer: Tokenizer;
  options: Options;
  /** What `prepare` gave; `undefined` when the objective has none. */
  prepared: Prepared;
  /** The longest row that the encoder takes, special tokens included. */
  maxTokens: number;
}

/** What `collate` gets beside the examples: `pad` for rows of token ids, and this. */
export interface CollateContext<Options> extends BatchContext {
  tokenizer: Tokenizer;
  options: Options;
}

/** What `loss` gets beside the batch. */
export interface LossContext<Options, Heads> {
  /** Hidden states of the last layer, `[B, T, H]`. */
  encode(tokens: Tokens): Tensor3D;
  /** The objective's own heads, by the names that `heads` gave them. */
  parameters: { readonly [Name in keyof Heads]: Tensor };
  /** A prefix over all parameters, those of the encoder too: `scope("cls")`; carries the step's dropout. */
  scope(path: string): Scope;
  config: EncoderConfig;
  options: Options;
}

/** What `loss` gives: the scalar to minimise, and its parts by name for the log. */
export interface Loss {
  loss: Scalar;
  parts?: Record<string, Scalar>;
}

/**
 * Something to learn from text without labels. Members are written in this order: each one's types follow from those
 * before it (options and prepared reach `examples`, examples reach `collate`, arrays reach `loss` as tensors).
 *
 * @see docs/write-an-objective.md
 */
export interface Objective<
  Options extends z.ZodObject = z.ZodObject,
  Prepared = unknown,
  Heads extends Record<string, Init> = Record<string, Init>,
  Example = unknown,
  Arrays extends Batch = Batch,
> {
  /** Kebab-case: the name of the objective in logs and in the saved model. */
  name: string;
  /** Everything a user may tune, with defaults and `.describe`; checked once, before anything is read. */
  options: Options;
  /**
   * One pass over the corpus before training, for statistics that `examples` needs. What it gives crosses a thread:
   * plain objects, arrays, Maps and typed arrays. Pure: no randomness, no clock.
   */
  prepare?(documents: AsyncIterable<Document>, context: PrepareContext<z.output<Options>>): Promise<Prepared>;
  /**
   * The objective's own parameters by name and how they start; a checkpoint that has them gives them. Those under the names of
   * BERT's own heads (`cls.`, `classifier.`, `bert.pooler.`) are saved with the encoder, others are dropped after training.
   */
  heads?(config: EncoderConfig, options: z.output<Options>): Heads;
  /** Text to training examples. Pure: the same document, options and `random` give the same examples. */
  examples(document: Document, context: ExampleContext<z.output<Options>, Prepared>): Iterable<Example>;
  /** Examples to arrays of one static shape per length bucket. Runs in a worker thread. */
  collate(examples: readonly Example[], context: CollateContext<z.output<Options>>): Arrays;
  /** The scalar to minimise. Traced: no `dataSync`, no branch on values, static shapes. */
  loss(context: LossContext<z.output<Options>, Heads>, batch: OnDevice<Arrays>): Loss;
}

/**
 * Gives its argument back; it is here for the types. Default-export its value from a file of your own and train with
 * `propria pretrain --objective ./file.ts`.
 */
export function defineObjective<
  Options extends z.ZodObject,
  Prepared = undefined,
  const Heads extends Record<string, Init> = Record<never, Init>,
  Example = unknown,
  Arrays extends Batch = Batch,
>(
  objective: Objective<Options, Prepared, Heads, Example, Arrays>,
): Objective<Options, Prepared, Heads, Example, Arrays> {
  return objective;
}
