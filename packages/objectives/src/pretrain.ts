import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile, rm, rmdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  adapterIdentity,
  adapterStore,
  adaptingMistake,
  adaptingOf,
  type NamedAdapter,
  refuseAsStart,
} from "@propria/adapters";
import { isPropriaError, PropriaError, seeded } from "@propria/base";
import { type Corpus, corpusHash, DocumentStore } from "@propria/collection";
import { type BackendName, type Batch, openBackend, ParameterStore } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type BatchSize, type Json, type TrainingProgress, type TrainingResult, train } from "@propria/trainer";
import { type EncoderConfig, type Inits, tokenizerHash } from "@propria/transformer-core";
import type { Embedding, Objective } from "./define-objective.ts";
import { isFile, loadObjective, objectiveReference, ownFile } from "./load-objective.ts";
import { objectiveLoss, objectiveStages } from "./objective-loss.ts";
import { objectiveOptions } from "./options.ts";
import { withinMember } from "./own-file.ts";
import { savePretrained } from "./save-pretrained.ts";
import type { SourceOptions } from "./source.ts";
import { headsBeside, type Start, startingWeights, vocabularyPath } from "./starting-weights.ts";
import { trainingMistake } from "./training-mistake.ts";

/** What a pre-training needs. */
export interface Pretraining {
  /** What `openCorpus` opens; read twice at least, so it must give the same documents each time. */
  corpus: Corpus;
  /** A built-in's name, or a path to a TypeScript or JavaScript file. */
  objective: string;
  /** The objective's options as the user wrote them (`["cropTokens=32"]`) or as values. */
  options?: readonly string[] | Readonly<Record<string, unknown>> | undefined;
  /** A saved model to go on from, or the shape of a fresh one and its vocabulary. */
  start: Start;
  /**
   * Trains this adapter and the objective's heads, while the weights of a saved model stay as they are; `out` is then the adapter's folder. A pooler that the model has is
   * its own and stays, too. `namedAdapter("lora")`, or what `openAdapter` gives of a file. Default: the whole model is trained.
   */
  adapter?: NamedAdapter | undefined;
  /** The model folder to be: absent, empty, or one that holds this training, unfinished. */
  out: string;
  /** Default 1. */
  seed?: number | undefined;
  /** Updates. */
  steps?: number | undefined;
  /** Passes over the corpus, where `steps` is not given; default 1. */
  epochs?: number | undefined;
  /** Examples per step, default 32; or about so many tokens. What an example is, the objective says: PROP's is a pair, two rows. */
  batch?: BatchSize | undefined;
  /**
   * Examples that are computed at a time, or about so many tokens: a step's memory then depends on the chunk and no longer on the
   * batch, for one more forward pass. For objectives in stages (`represent` and `contrast`).
   */
  chunk?: BatchSize | undefined;
  /** Longest row, special tokens included; default what the encoder has positions for, at most 512. */
  maxTokens?: number | undefined;
  /** The highest; default 2e-5 for a saved model (PROP's), 1e-4 for a fresh one (BERT's). */
  learningRate?: number | undefined;
  /** Share that this training drops of embeddings, sub-layers' outputs and attention; `config.json` keeps what the model had. Default: that. */
  dropout?: number | undefined;
  /** Part of the training in which the rate rises; default 0.1. */
  warmupRatio?: number | undefined;
  /** Steps between checkpoints; default the trainer's. */
  checkpointEvery?: number | undefined;
  /** Go on where `out` stopped if it holds a training (`auto`, the default), never, or only so. */
  resume?: "auto" | "never" | "must" | undefined;
  /** Default `onnx`. */
  backend?: BackendName | undefined;
  /** Of one operation; default one a core. */
  threads?: number | undefined;
  /** `"small"`: one compiled length gives back its memory for the next; the same bits, a little slower. Default `"fast"`. */
  memory?: "fast" | "small" | undefined;
  /** Aborting leaves a checkpoint and ends with the error `INTERRUPTED`. */
  signal?: AbortSignal | undefined;
  /** Before the first step: the heads that the saved model lacks and that start fresh (`cls` is the masked language model's). */
  onStart?: ((start: { freshHeads: string[] }) => void) | undefined;
  /** Documents read so far, while the objective prepares. */
  onPrepare?: ((documents: number) => void) | undefined;
  /** A line that the objective tells while it prepares. */
  onNote?: ((line: string) => void) | undefined;
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

/** What came of it; the model stands in `folder`. */
export interface PretrainingResult extends TrainingResult {
  folder: string;
}

const LEARNING_RATE = { fresh: 1e-4, saved: 2e-5 };
const BATCH = 32; // examples
const MOST_TOKENS = 512; // the trainer's widest bucket
const DOCUMENTS = "documents"; // working copy of the corpus, removed at the end
const WORK = "work"; // what an objective's preparation keeps, removed at the end
const LEFT_BY_US = ["training.json", "events.jsonl", "checkpoints", DOCUMENTS, `${DOCUMENTS}.tmp`];

/**
 * Pre-trains an encoder on a corpus and saves it in the Hugging Face layout, with `propria.json`.
 *
 * The same arguments give the same weights, bit for bit, also when stopped at any instant and called again.
 *
 * Of an adapter there are its two files, with those heads in them that a model's folder would have among its weights, `heads.safetensors` with the objective's own, and `propria.json`.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when `out` holds a model or anything that no training left there; `MAX_TOKENS` for rows longer
 *   than the encoder's positions; `ADAPTER_INIT` for an adapter of a fresh encoder, or a start from the folder of one; those of `loadObjective`, `objectiveOptions`, `startingWeights`, the corpus, and `train`.
 */
export async function pretrain(given: Pretraining): Promise<PretrainingResult> {
  refuseOutput(given.out);
  const objective = await loadObjective(given.objective);
  const [there, begun] = [given.out, join(given.out, "training.json")].map((path) => existsSync(path));
  try {
    return await pretrainWith(objective, given);
  } catch (error) {
    if (!begun && !isInterruption(error)) await removeWithoutSteps(given.out, { folderToo: !there });
    throw isFile(given.objective) ? trainingMistake(error, objective, await ownFile(given.objective)) : error;
  }
}

async function pretrainWith(objective: Objective, given: Pretraining): Promise<PretrainingResult> {
  const { corpus, start, out, seed = 1, backend: backendName = "onnx", threads, memory } = given;
  if ("init" in start) await refuseAsStart(start.init);
  else if (given.adapter)
    throw new PropriaError("ADAPTER_INIT", "an adapter is trained on a saved model, and this one is fresh", {
      at: "start",
      mend: "give a model's folder as init",
    });
  const options = await optionsOf(objective, given);
  const embedding = embeddingOf(objective, options);
  const vocabulary = resolve(vocabularyPath(start));
  const tokenizer = await Tokenizer.load(vocabulary);

  const headsOf = (shape: EncoderConfig): Inits => objective.heads?.(shape, options) ?? {};
  const random = seeded(seed, "initialize");
  const { config, parameters, freshHeads } = await startingWeights(start, { tokenizer, heads: headsOf, random });
  const training = dropping(config, given.dropout);
  const heads = headsOf(config);
  const adapting = given.adapter && adaptingOf(given.adapter, { config, ...headsBeside(heads, freshHeads) });
  const maxTokens = checkedLength(given.maxTokens, config);
  const learningRate = given.learningRate ?? ("init" in start ? LEARNING_RATE.saved : LEARNING_RATE.fresh);

  const documents = await workingCopy(corpus, resolve(out, DOCUMENTS));
  const work = resolve(out, WORK);
  const notes: string[] = [];
  try {
    const backend = await openBackend(backendName, { threads, memory });
    const prepared = await objective.prepare?.(documents.documents(), {
      options,
      tokenizer,
      maxTokens,
      encoder: { config: training, parameters, trained: "init" in start },
      backend,
      corpusHash: documents.hash,
      work,
      note(line) {
        notes.push(line);
        given.onNote?.(line);
      },
      signal: given.signal,
      onProgress: given.onPrepare,
    });
    given.onStart?.({ freshHeads });
    const store = adapting ? adapterStore(parameters, adapting, seed) : ParameterStore.create(parameters);
    const sourceOptions: SourceOptions = {
      objective: objectiveReference(given.objective),
      options,
      documents: documents.folder,
      tokenizer: vocabulary,
      prepared,
      maxTokens,
    };
    const attachment = adapting?.attachment;
    const origin = { objective: objective.name, options: options as Json, corpusHash: documents.hash };
    const result = await train<Batch>({
      ...(given.steps === undefined ? { epochs: given.epochs ?? 1 } : { steps: given.steps }),
      source: { module: sourceModule(), options: sourceOptions },
      store,
      backend,
      loss:
        objectiveStages(objective, options, training, attachment) ??
        objectiveLoss(objective, options, training, attachment),
      out,
      seed,
      identity: {
        ...origin,
        file: await fileHash(given.objective),
        tokenizer: tokenizerHash(tokenizer),
        config: { ...training },
        ...(adapting && { adapter: adapterIdentity(adapting, parameters) as Json }),
      },
      batch: given.batch ?? BATCH,
      learningRate,
      maxTokens,
      ...chosen({
        chunk: given.chunk,
        warmupRatio: given.warmupRatio,
        checkpointEvery: given.checkpointEvery,
        resume: given.resume,
        signal: given.signal,
        onProgress: given.onProgress,
      }),
    }).catch(async (error: unknown) => {
      throw adapting ? await adaptingMistake(error, adapting, store, backend) : error;
    });
    const provenance = {
      ...(origin as object),
      ...(adapting && { adapter: adapting.described as object }),
      corpus: corpus.name,
      seed,
      steps: result.steps,
      batch: given.batch ?? BATCH,
      ...chosen({ chunk: given.chunk, dropout: given.dropout }),
      learningRate,
      maxTokens,
      ...(notes.length > 0 && { notes }),
    };
    await savePretrained(out, {
      ...{ config, tokenizer, heads, embedding, maxTokens, provenance },
      values: store.snapshot(),
      ...(adapting && { adapted: { adapting, base: parameters, baseFolder: vocabulary, backend } }),
    });
    return { ...result, folder: out };
  } finally {
    documents.close();
    if (existsSync(join(out, "propria.json")))
      for (const folder of [documents.folder, work]) await rm(folder, { recursive: true, force: true });
  }
}

function refuseOutput(out: string): void {
  if (!existsSync(out)) return;
  const found = readdirSync(out);
  const mend = "name another folder, or remove this one";
  if (found.includes("propria.json"))
    throw new PropriaError("OUTPUT_EXISTS", "holds a finished model", { at: out, mend });
  const foreign = found.find((name) => !LEFT_BY_US.includes(name) && name !== WORK);
  if (foreign !== undefined && !found.includes("training.json"))
    throw new PropriaError("OUTPUT_EXISTS", `is not empty: it holds ${foreign}`, { at: out, mend });
}

const isInterruption = (error: unknown): boolean => isPropriaError(error) && error.code === "INTERRUPTED";

/**
 * What a training left that ended before its first checkpoint: nothing could go on from it, and it would refuse the mended one. What the
 * preparation keeps is made for what it is made of, took long, and stays.
 */
async function removeWithoutSteps(out: string, { folderToo }: { folderToo: boolean }): Promise<void> {
  const checkpoints = join(out, "checkpoints");
  if (!existsSync(out) || (existsSync(checkpoints) && readdirSync(checkpoints).length > 0)) return;
  for (const name of LEFT_BY_US) await rm(join(out, name), { recursive: true, force: true });
  if (folderToo && readdirSync(out).length === 0) await rmdir(out);
}

/** The objective's options. What a user's schema throws, in a refinement say, is a mistake in the file. */
async function optionsOf(objective: Objective, { objective: name, options }: Pretraining) {
  const read = () => objectiveOptions(objective, options);
  return isFile(name) ? withinMember(await ownFile(name), "options", read) : read();
}

/** @throws {PropriaError} `DROPOUT` for what is no share below 1. */
function dropping(config: EncoderConfig, dropout: number | undefined): EncoderConfig {
  if (dropout === undefined) return config;
  if (dropout >= 0 && dropout < 1) return { ...config, dropout, attentionDropout: dropout };
  throw new PropriaError("DROPOUT", `${dropout} is no share to drop`, {
    at: "dropout",
    mend: "give a number from 0 to below 1",
  });
}

function checkedLength(maxTokens: number | undefined, { maxPositions }: EncoderConfig): number {
  const longest = Math.min(maxPositions, MOST_TOKENS);
  if (maxTokens === undefined) return longest;
  if (maxTokens > longest || maxTokens < 3)
    throw new PropriaError("MAX_TOKENS", `${maxTokens} tokens a row, but the encoder takes 3 to ${longest}`, {
      at: "maxTokens",
      mend: `give at most ${longest}`,
    });
  return maxTokens;
}

/** The corpus as documents by number. One that an interrupted call left is used again when the corpus is still the same. */
async function workingCopy(corpus: Corpus, folder: string): Promise<DocumentStore> {
  if (existsSync(folder)) {
    const left = DocumentStore.open(folder);
    if (left.hash === (await corpusHash(corpus))) return left;
    left.close();
    await rm(folder, { recursive: true });
  }
  return DocumentStore.create(folder, corpus.documents());
}

/** The build of `./source.ts`: a worker thread runs no TypeScript. */
const sourceModule = (): string =>
  pathToFileURL(createRequire(import.meta.url).resolve("@propria/objectives/source")).href;

/** Of an objective's file its hash: another text is another training. */
async function fileHash(objective: string): Promise<string | null> {
  if (!isFile(objective)) return null;
  return createHash("sha256")
    .update(await readFile(objectiveReference(objective)))
    .digest("hex");
}

const embeddingOf = ({ embedding }: Objective, options: Record<string, unknown>): Embedding | undefined =>
  typeof embedding === "function" ? embedding(options) : embedding;

/** Without the members that are undefined. */
const chosen = <T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
