/** A trained DRMM, K-NRM or Conv-KNRM, ready to score. */
import { PropriaError } from "@propria/base";
import {
  type Backend,
  type BackendName,
  forwardPass,
  frozenWeights,
  openBackend,
  scope,
  type Weights,
} from "@propria/engine";
import { readModelCard } from "@propria/transformer-core";
import { lengthBatches } from "../length-batches.ts";
import type { Reranker } from "../reranker.ts";
import { type InteractionConfig, type InteractionName, interactionModels } from "./config.ts";
import { readInteraction } from "./folder.ts";
import { EMBEDDINGS, type Matcher, type Tensors } from "./matcher.ts";
import { matcherOf } from "./open-matcher.ts";
import { documentWordIds, type QueryWords, queryWordIds, type Vocabulary } from "./vocabulary.ts";
import { wordsBy } from "./words.ts";

/** How a model is opened. */
export interface OpenInteractionOptions {
  /** A backend that is open already, or the name of one to open; default `onnx`. */
  backend?: Backend | BackendName;
  /** Threads of one operation, when the backend is opened here. */
  threads?: number;
  /** Words of documents in a forward pass, padding included; default 8192. A guess. */
  batchTokens?: number;
}

/** A loaded model. */
export interface InteractionModel extends Reranker<QueryWords> {
  readonly config: InteractionConfig;
  /** The score of each pair, in their order. */
  score(pairs: readonly { query: string; document: string }[]): Promise<number[]>;
}

const DEFAULT_BATCH_TOKENS = 8192;
const MOST_ROWS = 256; // of models whose rows have no length
const SESSIONS = 12;

/** Which of the three a folder holds, if any. */
export async function interactionIn(folder: string): Promise<InteractionName | undefined> {
  const objective = (await readModelCard(folder))?.provenance.objective;
  return interactionModels.find((name) => name === objective);
}

/**
 * Loads a model that `finetuneInteraction` wrote.
 *
 * @throws {PropriaError} `NOT_INTERACTION` for a folder of another kind; `INTERACTION_MODEL`, `SAFETENSORS` for a damaged one.
 */
export async function openInteraction(
  folder: string,
  { backend = "onnx", threads, batchTokens = DEFAULT_BATCH_TOKENS }: OpenInteractionOptions = {},
): Promise<InteractionModel> {
  if ((await interactionIn(folder)) === undefined)
    throw new PropriaError("NOT_INTERACTION", "holds no DRMM, K-NRM or Conv-KNRM", {
      at: folder,
      mend: "give what propria finetune drmm, knrm or conv-knrm wrote",
    });
  const { config, vocabulary, parameters } = await readInteraction(folder);
  const matcher = matcherOf(config, vocabulary, parameters[EMBEDDINGS]!);
  const { [EMBEDDINGS]: table, ...others } = parameters;
  return interactionOver(frozenWeights(matcher.embeds ? { ...others, [EMBEDDINGS]: table! } : others), {
    ...{ config, vocabulary, matcher, batchTokens },
    backend: typeof backend === "string" ? await openBackend(backend, { threads }) : backend,
  });
}

/** What a model is besides its weights, and what runs it. */
interface Parts {
  config: InteractionConfig;
  vocabulary: Vocabulary;
  matcher: Matcher;
  backend: Backend;
  batchTokens?: number;
}

/** A model over weights that are there; they may change between two batches. */
export function interactionOver(
  weights: Weights,
  { config, vocabulary, matcher, backend, batchTokens = DEFAULT_BATCH_TOKENS }: Parts,
): InteractionModel {
  const words = wordsBy(config.words);
  const pass = forwardPass({
    ...{ backend, store: weights, sessions: SESSIONS },
    run: (parameters, batch) => ({ scores: matcher.scores(scope(parameters), batch as Tensors) }),
  });
  const model: InteractionModel = {
    config,
    queryPieces: (query) => queryWordIds(vocabulary, words(query), config.queryWords),
    row: (query, document) =>
      matcher.row(query, documentWordIds(vocabulary, words(document), query, config.documentWords)),
    batches: (rows) =>
      lengthBatches(rows, {
        tokensOf: (row) => matcher.length(row),
        batchTokens: Math.min(batchTokens, matcher.maxLength * MOST_ROWS),
        maxTokens: matcher.maxLength,
      }),
    async scoreBatch({ rows, ...shape }) {
      const { scores } = await pass.run(matcher.collate(rows, shape));
      return (scores!.data as Float32Array).subarray(0, rows.length);
    },
    async score(pairs) {
      const scores = new Array<number>(pairs.length);
      const rows = pairs.map(({ query, document }, place) => ({
        ...model.row(model.queryPieces(query), document),
        place,
      }));
      for (const batch of model.batches(rows))
        for (const [i, score] of (await model.scoreBatch(batch)).entries()) scores[batch.rows[i]!.place] = score;
      return scores;
    },
    release: () => pass.release(),
  };
  return model;
}
