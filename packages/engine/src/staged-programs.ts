import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Batch, leaves, mapLeaves, type NdArray, type OnDevice, signature, specs } from "./arrays.ts";
import type { Backend, ForwardProgram, GradientProgram, Gradients, Loss, MaskSource } from "./backend.ts";
import type { ParameterStore } from "./parameter-store.ts";
import type { Dropout, Parameters } from "./scope.ts";
import { sessionCache } from "./session-cache.ts";
import type { StagedLoss } from "./staged-loss.ts";

/** A chunk's vectors, and how much its means are means of. */
export interface Represented {
  vectors: Record<string, NdArray>;
  weights: Record<string, number>;
}

/** What goes back through a chunk: the gradients of its vectors, and its share of each mean, a scalar. */
export interface Returned<B extends Batch> extends Batch {
  readonly chunk: B;
  readonly gradients: Readonly<Record<string, NdArray>>;
  readonly shares: Readonly<Record<string, NdArray>>;
}

/** The chunk's part of the means: each times its share, and the sum of them as the loss has it. */
export interface ChunkMeans {
  means: Record<string, number>;
  terms: number;
}

/** The programs of a staged loss; all gradients are added to those that the store holds. */
export interface StagedPrograms<B extends Batch> {
  represent(chunk: B, masks: MaskSource): Promise<Represented>;
  /** The loss of all vectors, with the gradients of those that are float32 and matter. */
  contrast(vectors: Record<string, NdArray>): Promise<Gradients & Trained>;
  goBack(returned: Returned<B>, masks: MaskSource): Promise<ChunkMeans & Trained>;
  release(): Promise<void>;
}

/** Names of the parameters that a program adds gradients to. */
interface Trained {
  trained: readonly string[];
}

/** Compiles nothing yet. Of each of the three, `sessions` shapes are kept. */
export function stagedPrograms<B extends Batch, V extends Record<string, Tensor>>({
  backend,
  store,
  sessions,
  loss: staged,
}: {
  backend: Backend;
  store: ParameterStore;
  sessions: number;
  loss: StagedLoss<B, V>;
}): StagedPrograms<B> {
  const forward = sessionCache<ForwardProgram>(sessions);
  const contrasts = sessionCache<GradientProgram>(sessions);
  const backward = sessionCache<GradientProgram>(sessions);
  return {
    async represent(chunk, masks) {
      const program = await forward.get(signature(chunk), () =>
        backend.compileForward({
          inputs: specs(chunk),
          weights: store,
          run(parameters, inputs, dropout) {
            const { vectors, means = {} } = staged.represent(parameters, onDevice(chunk, inputs), { dropout });
            const weights = Object.entries(means).map(([name, { weight }]) => [name, weight] as const);
            return { ...prefixed(VECTOR, vectors), ...prefixed(WEIGHT, Object.fromEntries(weights)) };
          },
        }),
      );
      const results = await program.run(leaves(chunk), masks);
      const weights = Object.entries(named(WEIGHT, results)).map(([name, { data }]) => [name, data[0]!]);
      return { vectors: named(VECTOR, results), weights: Object.fromEntries(weights) };
    },

    async contrast(vectors) {
      const program = await contrasts.get(signature(vectors), () =>
        backend.compileGradients({
          inputs: specs(vectors),
          store,
          accumulate: true,
          inputGradients: Object.keys(vectors).filter((name) => vectors[name]!.data instanceof Float32Array),
          loss: (parameters, inputs) => staged.contrast(parameters, onDevice(vectors, inputs) as unknown as V),
        }),
      );
      return { ...(await program.run(leaves(vectors), NO_MASKS)), trained: program.trained };
    },

    async goBack(returned, masks) {
      const program = await backward.get(signature(returned), () =>
        backend.compileGradients({
          inputs: specs(returned),
          store,
          accumulate: true,
          loss: (parameters, inputs, dropout) =>
            chunkLoss(staged, parameters, onDevice(returned, inputs) as ReturnedTensors<B>, dropout),
        }),
      );
      const { parts } = await program.run(leaves(returned), masks);
      return { means: named(MEAN, parts), terms: parts[TERMS]!, trained: program.trained };
    },

    async release() {
      for (const programs of [forward, contrasts, backward]) await programs.clear();
    },
  };
}

/** What a program's results and parts are called. */
const VECTOR = "vector ";
const WEIGHT = "weight ";
const MEAN = "mean ";
const TERMS = "terms";

const NO_MASKS: MaskSource = () => {
  throw new Error("contrast drops nothing out");
};

interface ReturnedTensors<B extends Batch> {
  chunk: OnDevice<B>;
  gradients: Record<string, Tensor>;
  shares: Record<string, Tensor>;
}

/** Σ vectors · their gradients + Σ scale · mean · share: its gradient is the chunk's part of the whole loss's. */
function chunkLoss<B extends Batch, V extends Record<string, Tensor>>(
  staged: StagedLoss<B, V>,
  parameters: Parameters,
  { chunk, gradients, shares }: ReturnedTensors<B>,
  dropout: Dropout,
): Loss {
  const { vectors, means = {} } = staged.represent(parameters, chunk, { dropout });
  const products = Object.entries(gradients).map(([name, gradient]) => tf.sum(tf.mul(vectors[name]!, gradient)));
  const parts = Object.entries(shares).map(([name, share]) => [name, tf.mul(means[name]!.value, share)] as const);
  const terms = total(parts.map(([name, part]) => tf.mul(part, means[name]!.scale ?? 1)));
  return {
    loss: total([...products, terms]),
    parts: { ...prefixed(MEAN, Object.fromEntries(parts) as Record<string, Scalar>), [TERMS]: terms },
  };
}

const total = (terms: readonly Tensor[]): Scalar =>
  terms.reduce<Tensor>((sum, term) => tf.add(sum, term), tf.scalar(0)) as Scalar;

const onDevice = <B extends Batch>(batch: B, inputs: ReadonlyMap<string, Tensor>): OnDevice<B> =>
  mapLeaves(batch, (path) => inputs.get(path)!) as OnDevice<B>;

const prefixed = <T>(prefix: string, values: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));

/** Those under the prefix, without it. */
const named = <T>(prefix: string, values: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
