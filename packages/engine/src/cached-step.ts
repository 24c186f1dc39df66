import type { Tensor } from "@tensorflow/tfjs-core";
import type { Batch, NdArray } from "./arrays.ts";
import { concatenateRows } from "./concatenate-rows.ts";
import { dropoutMasks } from "./dropout-masks.ts";
import { noGradient } from "./gradients.ts";
import type { StagedLoss } from "./staged-loss.ts";
import { type Represented, type Returned, stagedPrograms } from "./staged-programs.ts";
import type { StepResult, TrainingStepOptions } from "./training-step.ts";
import { updatesOf } from "./updates.ts";

/** What a cached step is made of. `sessions` counts chunk shapes. */
export interface CachedStepOptions<B extends Batch, V extends Record<string, Tensor>>
  extends Omit<TrainingStepOptions<B>, "loss"> {
  /** What to minimise. Each stage is traced once for each shape: no dataSync, no branch on values. */
  loss: StagedLoss<B, V>;
}

/** A staged loss compiled with its gradients and the optimizer, for batches in chunks. */
export interface CachedStep<B extends Batch> {
  /**
   * One update by all chunks of a batch; they need not be of one size.
   *
   * @param at `step` counts updates from 1; a dropout mask is a function of seed, step, the chunk's place and the site.
   * @throws {PropriaError} `NOT_FINITE`, naming the step, when the loss or the gradient is not; the weights are then untouched.
   */
  run(chunks: readonly B[], at: { step: number; learningRate: number }): Promise<StepResult>;
  /** The loss and its gradients by name, without an update. */
  gradients(
    chunks: readonly B[],
    at: { step: number },
  ): Promise<StepResult & { gradients: Record<string, Float32Array> }>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

/**
 * A training step whose memory depends on the size of a chunk and not on that of the batch: loss and gradients are those of
 * {@link wholeLoss} over all chunks, up to rounding.
 *
 * First each chunk goes forward for its vectors alone; then the loss of all vectors is computed, with the gradients of the
 * vectors and of the parameters that `contrast` uses; then each chunk goes forward again, and back from the gradients of its
 * vectors and from its share of the means. Gradients add up in the store, always in the same order. The price is one more
 * forward pass.
 *
 * @see Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", RepL4NLP 2021. https://arxiv.org/abs/2101.06983
 */
export function cachedStep<B extends Batch, V extends Record<string, Tensor>>({
  backend,
  store,
  seed,
  optimizer: optimizerOptions,
  sessions = 4,
  loss,
}: CachedStepOptions<B, V>): CachedStep<B> {
  const programs = stagedPrograms({ backend, store, sessions, loss });
  const masks = dropoutMasks(seed);

  async function computeGradients(chunks: readonly B[], step: number) {
    if (chunks.length === 0) throw new Error("a batch of no chunks");
    const trained = new Set<string>();
    store.clearGradients();

    const represented: Represented[] = [];
    for (const [i, chunk] of chunks.entries()) represented.push(await programs.represent(chunk, masks.at(step, i)));
    const contrasted = await programs.contrast(concatenateRows(represented.map(({ vectors }) => vectors)));
    for (const name of contrasted.trained) trained.add(name);

    let value = contrasted.loss;
    const means: Record<string, number> = {};
    for (const [i, returned] of returnedTo(chunks, represented, contrasted.inputGradients).entries()) {
      if (isEmpty(returned.gradients) && isEmpty(returned.shares)) break;
      const back = await programs.goBack(returned, masks.at(step, i));
      for (const name of back.trained) trained.add(name);
      value += back.terms;
      for (const [name, part] of Object.entries(back.means)) means[name] = (means[name] ?? 0) + part;
    }

    if (trained.size === 0) throw noGradient();
    const names = store.trainable.filter((name) => trained.has(name));
    const parts = { ...contrasted.parts, ...means };
    return { loss: value, parts, trained: names };
  }

  return { ...updatesOf(store, optimizerOptions, computeGradients), release: () => programs.release() };
}

/** What goes back to each chunk: its rows of the vectors' gradients, and its share of the weight of each mean. */
function returnedTo<B extends Batch>(
  chunks: readonly B[],
  represented: readonly Represented[],
  inputGradients: ReadonlyMap<string, Float32Array>,
): Returned<B>[] {
  const weights = represented.map((each) => each.weights);
  const begun = new Map<string, number>(); // elements of each gradient that went to earlier chunks
  return chunks.map((chunk, i) => {
    const gradients: Record<string, NdArray> = {};
    for (const [name, whole] of inputGradients) {
      const { shape, data } = represented[i]!.vectors[name]!;
      const start = begun.get(name) ?? 0;
      begun.set(name, start + data.length);
      gradients[name] = { shape, data: whole.subarray(start, start + data.length) };
    }
    const shares: Record<string, NdArray> = {};
    for (const [name, weight] of Object.entries(weights[i]!)) {
      const all = weights.reduce((sum, each) => sum + each[name]!, 0);
      shares[name] = { shape: [], data: Float32Array.of(all > 0 ? weight / all : 0) };
    }
    return { chunk, gradients, shares };
  });
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;
