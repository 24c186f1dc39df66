/** What every fine-tuning does once its data is there: it trains, and leaves the folder of a model or of an adapter. */
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Adapting, adapterIdentity, adapterStore, adaptingMistake, writeAdapterFiles } from "@propria/adapters";
import { writeFileAtomically } from "@propria/base";
import { type Backend, type Batch, openBackend, ParameterStore } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import {
  type ExampleSource,
  type Json,
  type TrainingEvaluation,
  type TrainingResult,
  type TrainOptions,
  train,
} from "@propria/trainer";
import {
  type EncoderConfig,
  type EncodingContract,
  formatModelCard,
  type HostParameters,
  type ModelCard,
  readModelCard,
  writeModelFiles,
} from "@propria/transformer-core";
import type { FineTuning, FineTuningResult } from "./fine-tuning.ts";
import { workFolder } from "./out-folder.ts";

/** A model before its first step, and what it learns. */
export interface ModelTraining<B extends Batch, SourceOptions> {
  /** Where it is: `init`, unless that is the folder of an adapter. */
  model?: string;
  config: EncoderConfig;
  parameters: HostParameters;
  /** What is trained where the model's own weights stay; values of an adapter that goes on are among the parameters. Default: all of the model. */
  adapting?: Adapting | undefined;
  tokenizer: Tokenizer;
  /** How the trained model encodes, where it compares texts. */
  contract?: EncodingContract;
  /** Where examples come from: a module of this package by its subpath, the same as a function, and what either is told. */
  source: {
    module: string;
    openSource(options: SourceOptions): ExampleSource<unknown, B> | Promise<ExampleSource<unknown, B>>;
    options: SourceOptions;
  };
  loss: TrainOptions<B>["loss"];
  /** Evaluated while training, over the weights of the moment; default: not. */
  evaluation?: ((weights: ParameterStore, backend: Backend) => TrainingEvaluation) | undefined;
  /** What decides the result besides the settings: {@link TrainOptions.identity}. */
  identity: object;
  settings: Pick<
    TrainOptions<B>,
    "seed" | "batch" | "chunk" | "learningRate" | "warmupRatio" | "optimizer" | "maxTokens" | "remainder"
  > & { steps?: number | undefined; epochs: number };
  /** What the model folder says of where the weights come from; members that are undefined are left out. */
  provenance: { objective: string; options: object; [more: string]: unknown };
}

/** What came of it; evaluated trainings have the values too. */
export type ModelTrainingResult = FineTuningResult & Pick<TrainingResult, "best" | "evaluations">;

/**
 * Trains in the folder `out`, writes the model there, and removes the working copy of the data.
 *
 * @throws {PropriaError} what `train` and `writeModelFiles` throw.
 */
export async function trainModel<B extends Batch, SourceOptions>(
  { collection, init, out, backend = "onnx", threads, memory, workers, ...training }: FineTuning,
  { model = init, config, parameters, adapting, tokenizer, contract, source, ...task }: ModelTraining<B, SourceOptions>,
): Promise<ModelTrainingResult> {
  const { module, openSource, options } = source;
  const { steps: wanted, epochs, ...settings } = task.settings;
  const card = await readModelCard(init);
  const store = adapting ? adapterStore(parameters, adapting, settings.seed ?? 0) : ParameterStore.create(parameters);
  const identity = { ...task.identity, ...(adapting && { adapter: adapterIdentity(adapting, parameters) }) };
  const opened = await openBackend(backend, { threads, memory });
  const { steps, meanLoss, elapsedSeconds, tokensPerSecond, best, evaluations } = await train<B>({
    ...{ store, out, loss: task.loss, identity: identity as Json, ...settings },
    ...(wanted === undefined ? { epochs } : { steps: wanted }),
    backend: opened,
    evaluation: task.evaluation?.(store, opened),
    source: workers === 0 ? await openSource(options) : { module: built(module), options },
    checkpointEvery: training.checkpointEvery,
    resume: training.resume,
    signal: training.signal,
    onProgress: training.onProgress,
  }).catch(async (error: unknown) => {
    throw adapting ? await adaptingMistake(error, adapting, store, opened) : error;
  });
  const provenance = plain({
    ...{ ...task.provenance, adapter: adapting?.described, collection: collection.name },
    ...{ seed: settings.seed, steps, best, init: card?.provenance },
  });
  if (adapting) {
    const heads = Object.fromEntries(
      Object.entries(weightsOf(store)).filter(([name]) => adapting.heads.includes(name)),
    );
    await writeAdapterFiles(out, {
      ...{ attachment: adapting.attachment, parameters: weightsOf(store), heads, backend: opened },
      ...{ base: parameters, baseFolder: resolve(model) },
    });
    await writeFileAtomically(join(out, "propria.json"), formatModelCard({ contract, provenance }));
  } else await writeModelFiles(out, { config, parameters: weightsOf(store), tokenizer, contract, provenance });
  await rm(workFolder(out), { recursive: true, force: true });
  return {
    ...{ folder: out, steps, loss: meanLoss, elapsedSeconds, tokensPerSecond },
    ...(best && { best, evaluations: evaluations! }),
  };
}

/** As a file holds it: without the members that are undefined. */
export const plain = (provenance: object) => JSON.parse(JSON.stringify(provenance)) as ModelCard["provenance"];

/** The module that the data worker imports: the build, for a worker thread runs no TypeScript. */
export const built = (module: string): string =>
  pathToFileURL(createRequire(import.meta.url).resolve(`@propria/rankers/${module}`)).href;

/** The weights of a store where they are, without a copy. */
export const weightsOf = (store: ParameterStore): HostParameters =>
  Object.fromEntries(store.names.map((name) => [name, { shape: store.shape(name), data: store.weights(name) }]));
