import type { Random } from "@propria/base";
import type { Document } from "@propria/collection";
import type { Backend, Batch, OnDevice, Scope, WeightedMean } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import type { CollateContext as BatchContext } from "@propria/trainer";
import type { EncoderConfig, HostParameters, Init, Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import type { z } from "zod";

/** What `prepare` gets beside the corpus. */
export interface PrepareContext<Options> {
  options: Options;
  tokenizer: Tokenizer;
  /** The longest row that the encoder takes, special tokens included. */
  maxTokens: number;
  /** The encoder before the first step: to be read, and never changed. */
  encoder: StartingEncoder;
  /** Open, for passes of the encoder over the corpus (`forwardPass` of @propria/engine); the training computes on it afterwards. */
  backend: Backend;
  /** SHA-256 of the documents, as `corpusHash` of @propria/collection gives it. */
  corpusHash: string;
  /** The path of a folder for what takes long, made by whoever needs it. It survives a stop, and is gone when the training has ended. */
  work: string;
  /** Tells a person who waits one line; it is kept with the model, too. */
  note(line: string): void;
  /** Aborted when the training is to stop: what takes long ends with an error of the code `INTERRUPTED`. */
  signal?: AbortSignal | undefined;
  /** Called now and then with the number of documents read. */
  onProgress?: ((documents: number) => void) | undefined;
}

/** What a training starts from. */
export interface StartingEncoder {
  config: EncoderConfig;
  /** By Hugging Face name, the encoder's under `bert.`. */
  parameters: HostParameters;
  /** Whether they are those of a saved model; else they are random. */
  trained: boolean;
}

/** What `examples` gets beside the document. */
export interface ExampleContext<Options, Prepared> {
  /** The document's place in the corpus, from 0, in the order in which `prepare` read it. */
  number: number;
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

/** What `loss` and `represent` get beside the batch. */
export interface LossContext<Options, Heads> {
  /** Hidden states of the last layer, `[B, T, H]`. */
  encode(tokens: Tokens): Tensor3D;
  /** Hidden states of every layer, `[B, T, H]` each: 0 are the embeddings, the last is what `encode` gives. */
  encodeLayers(tokens: Tokens): Tensor3D[];
  /** The objective's own heads, by the names that `heads` gave them. */
  parameters: { readonly [Name in keyof Heads]: Tensor };
  /** A prefix over all parameters, those of the encoder too: `scope("cls")`; carries the step's dropout. */
  scope(path: string): Scope;
  config: EncoderConfig;
  options: Options;
}

/** What `contrast` gets beside the vectors: no encoder, and a scope that drops nothing. */
export type ContrastContext<Options, Heads> = Omit<LossContext<Options, Heads>, "encode" | "encodeLayers">;

/** What `loss` gives: the scalar to minimise, and its parts by name for the log. */
export interface Loss {
  loss: Scalar;
  parts?: Record<string, Scalar>;
}

/**
 * Something to learn from text without labels. Members are written in this order: each one's types follow from those
 * before it (options and prepared reach `examples`, examples reach `collate`, arrays reach `loss` as tensors).
 *
 * What is minimised is said by `loss`, or, where a loss compares the examples of a batch through vectors, in two stages: `represent`
 * and `contrast`. The stages can be trained in batches larger than memory, with `pretrain({ chunk })`.
 *
 * @see docs/write-an-objective.md
 */
export type Objective<
  Options extends z.ZodObject = z.ZodObject,
  Prepared = unknown,
  Heads extends Record<string, Init> = Record<string, Init>,
  Example = unknown,
  Arrays extends Batch = Batch,
  Vectors extends Record<string, Tensor> = Record<string, Tensor>,
> = Members<Options, Prepared, Heads, Example, Arrays> &
  (InOne<Options, Heads, Arrays> | InStages<Options, Heads, Arrays, Vectors>);

/** What every objective has. */
interface Members<Options extends z.ZodObject, Prepared, Heads, Example, Arrays extends Batch> {
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
   * BERT's own heads (`cls.`, `classifier.`, `bert.pooler.`) are saved with the encoder, others beside it in `heads.safetensors`, where only a training
   * that goes on from the model finds them.
   */
  heads?(config: EncoderConfig, options: z.output<Options>): Heads;
  /** Text to training examples. Pure: the same document, options and `random` give the same examples. */
  examples(document: Document, context: ExampleContext<z.output<Options>, Prepared>): Iterable<Example>;
  /** Examples to arrays of one static shape per length bucket. Runs in a worker thread. */
  collate(examples: readonly Example[], context: CollateContext<z.output<Options>>): Arrays;
  /** How the trained encoder's embeddings are compared, where the objective teaches that; the saved model then says so in `propria.json`. */
  embedding?: Embedding | EmbeddingOf<z.output<Options>>;
}

/** A loss of the whole batch. */
interface InOne<Options extends z.ZodObject, Heads, Arrays extends Batch> {
  /** The scalar to minimise. Traced: no `dataSync`, no branch on values, static shapes. */
  loss(context: LossContext<z.output<Options>, Heads>, batch: OnDevice<Arrays>): Loss;
  represent?: never;
  contrast?: never;
}

/** A loss in two stages. Both are traced, as `loss` is. */
interface InStages<Options extends z.ZodObject, Heads, Arrays extends Batch, Vectors extends Record<string, Tensor>> {
  loss?: never;
  /** Vectors of a batch, or of a part of it: example by example, without looking at the others. */
  represent(context: LossContext<z.output<Options>, Heads>, batch: OnDevice<Arrays>): Represented<Vectors>;
  /** The loss of the vectors of all examples, those of the batch's parts one after the other. */
  contrast(context: ContrastContext<z.output<Options>, Heads>, vectors: Vectors): Loss;
}

/** A method's type, for it alone lets an objective with options of its own be an `Objective`. */
type EmbeddingOf<Options> = { of(options: Options): Embedding }["of"];

/** What `represent` gives. */
export interface Represented<Vectors extends Record<string, Tensor>> {
  /** Each `[B, …]` with the examples on its first axis. */
  vectors: Vectors;
  /** Means over something in the batch, such as the masked language model's; added to the loss, each times its `scale`, and logged by name. */
  means?: Record<string, WeightedMean>;
}

/** How a text's vector is made of its hidden states, and two compared. */
export interface Embedding {
  pooling: "cls" | "mean";
  /** Vectors of length 1; default false. */
  normalize?: boolean;
  similarity: "dot" | "cosine";
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
  Vectors extends Record<string, Tensor> = Record<string, Tensor>,
>(
  objective: Objective<Options, Prepared, Heads, Example, Arrays, Vectors>,
): Objective<Options, Prepared, Heads, Example, Arrays, Vectors> {
  return objective;
}
