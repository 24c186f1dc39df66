import { PropriaError } from "@propria/base";
import { type NdArray, sizeOf } from "./arrays.ts";
import { decaysByName } from "./optimizer/decay.ts";
import { Memory, MOST_PAGES, PAGE_BYTES, type WasmMemory } from "./wasm/memory.ts";

/** Parameters by name, for passes without gradients. */
export interface Weights {
  readonly names: readonly string[];
  shape(name: string): readonly number[];
  /** The values themselves, not a copy. */
  weights(name: string): Float32Array;
}

/** Which parameters are trained, and which of those decay. */
export interface StoreOptions {
  /** By default all are. */
  trainable?: (name: string) => boolean;
  /** Whether weight decay applies; by default {@link decaysByName}. */
  decays?: (name: string) => boolean;
}

/** A run of trained parameters that one pass of the optimizer updates. */
export interface Stretch {
  /** First float, counted from the start of each of the four blocks. */
  start: number;
  length: number;
  decays: boolean;
}

interface Place {
  shape: readonly number[];
  start: number;
  size: number;
  decays: boolean;
}

/**
 * Parameters with their gradients and Adam's two moments.
 *
 * Invariant: one WebAssembly memory holds four blocks, weights, gradients, first and second moments; a trained parameter
 * has the same place in each, 64-byte aligned. Those that decay come first, then the others; frozen ones stand after
 * the trained in the block of weights alone. The memory never grows, so views stay valid.
 */
export class ParameterStore implements Weights {
  readonly names: readonly string[];
  readonly trainable: readonly string[];
  readonly memory: WasmMemory;
  /** Floats in each of the blocks of gradients and moments. */
  readonly trainedLength: number;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #length: number;

  private constructor(
    names: readonly string[],
    trainable: readonly string[],
    places: Map<string, Place>,
    lengths: Lengths,
  ) {
    this.names = names;
    this.trainable = trainable;
    this.#places = places;
    this.#length = lengths.all;
    this.trainedLength = lengths.trained;
    this.memory = allocate(lengths.all + 3 * lengths.trained);
  }

  /**
   * A store that starts from `initial`, which is copied; gradients and moments are 0.
   *
   * @throws {PropriaError} `MODEL_TOO_LARGE` beyond 4 GB (16 bytes for each trained value, 4 for a frozen one).
   */
  static create(
    initial: Readonly<Record<string, NdArray>>,
    { trainable = () => true, decays = decaysByName }: StoreOptions = {},
  ): ParameterStore {
    const names = Object.keys(initial);
    const trained = names.filter(trainable);
    const order = [
      ...trained.filter((name) => decays(name)),
      ...trained.filter((name) => !decays(name)),
      ...names.filter((name) => !trainable(name)),
    ];
    const places = new Map<string, Place>();
    const lengths: Lengths = { all: 0, trained: 0 };
    for (const [i, name] of order.entries()) {
      const { shape } = initial[name]!;
      const size = sizeOf(shape);
      places.set(name, { shape, start: lengths.all, size, decays: decays(name) });
      lengths.all += aligned(size);
      if (i < trained.length) lengths.trained = lengths.all;
    }
    const store = new ParameterStore(names, trained, places, lengths);
    for (const name of names) {
      const { shape, data } = initial[name]!;
      if (data.length !== sizeOf(shape))
        throw new Error(
          `parameter ${name}: shape [${shape.join()}] has ${sizeOf(shape)} elements, data has ${data.length}`,
        );
      store.weights(name).set(data);
    }
    return store;
  }

  shape(name: string): readonly number[] {
    return this.#place(name).shape;
  }

  weights(name: string): Float32Array {
    return this.#view(this.#place(name), 0);
  }

  /** The gradient that the last step left. */
  gradient(name: string): Float32Array {
    return this.#view(this.#trained(name), this.#length);
  }

  /** Sets every gradient to 0. */
  clearGradients(): void {
    new Float32Array(this.memory.buffer, this.blocks().gradients, this.trainedLength).fill(0);
  }

  /** The running mean of the gradient (Adam's m), to save and to restore in place. */
  firstMoment(name: string): Float32Array {
    return this.#view(this.#trained(name), this.#length + this.trainedLength);
  }

  /** The running mean of the squared gradient (Adam's v), to save and to restore in place. */
  secondMoment(name: string): Float32Array {
    return this.#view(this.#trained(name), this.#length + 2 * this.trainedLength);
  }

  /** Both moments of every trained parameter: `NAME.first`, `NAME.second`; views, to save and to restore in place. */
  optimizerState(): Record<string, Float32Array> {
    return Object.fromEntries(
      this.trainable.flatMap((name) => [
        [`${name}.first`, this.firstMoment(name)],
        [`${name}.second`, this.secondMoment(name)],
      ]),
    );
  }

  /** A copy of the weights, as `create` takes them. */
  snapshot(): Record<string, { shape: readonly number[]; data: Float32Array }> {
    return Object.fromEntries(
      this.names.map((name) => [name, { shape: this.shape(name), data: this.weights(name).slice() }]),
    );
  }

  /** Byte offsets of the four blocks, in order. */
  blocks(): { weights: number; gradients: number; firstMoments: number; secondMoments: number } {
    const trained = this.trainedLength;
    const [gradients, first, second] = [this.#length, this.#length + trained, this.#length + 2 * trained];
    return { weights: 0, gradients: gradients * 4, firstMoments: first * 4, secondMoments: second * 4 };
  }

  /** The fewest stretches that cover exactly the named trained parameters. */
  stretches(names: readonly string[]): Stretch[] {
    const places = names.map((name) => this.#trained(name)).sort((a, b) => a.start - b.start);
    const stretches: Stretch[] = [];
    for (const { start, size, decays } of places) {
      const last = stretches.at(-1);
      if (last && last.start + last.length === start && last.decays === decays) last.length += aligned(size);
      else stretches.push({ start, length: aligned(size), decays });
    }
    return stretches;
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (!place) throw new Error(`no parameter ${name}`);
    return place;
  }

  #trained(name: string): Place {
    const place = this.#place(name);
    if (place.start >= this.trainedLength) throw new Error(`parameter ${name} is frozen: it has no gradient`);
    return place;
  }

  #view({ start, size }: Place, block: number): Float32Array {
    return new Float32Array(this.memory.buffer, (block + start) * 4, size);
  }
}

/** Weights in ordinary arrays, not copied and without room for gradients: for inference. */
export function frozenWeights(
  parameters: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
): Weights {
  const get = (name: string) => {
    const parameter = parameters[name];
    if (!parameter) throw new Error(`no parameter ${name}`);
    return parameter;
  };
  return { names: Object.keys(parameters), shape: (name) => get(name).shape, weights: (name) => get(name).data };
}

interface Lengths {
  all: number;
  trained: number;
}

const ALIGNED_FLOATS = 16; // 64 bytes, a cache line

const aligned = (size: number): number => Math.ceil(size / ALIGNED_FLOATS) * ALIGNED_FLOATS;

function allocate(floats: number): WasmMemory {
  const pages = Math.max(1, Math.ceil((floats * 4) / PAGE_BYTES));
  if (pages > MOST_PAGES)
    throw new PropriaError(
      "MODEL_TOO_LARGE",
      `parameters and optimizer need ${(floats * 4) / 1e9} GB, at most 4.29 fit`,
      {
        mend: "use a smaller model or freeze a part of it",
      },
    );
  try {
    return new Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new PropriaError("OUT_OF_MEMORY", `cannot allocate ${Math.ceil((floats * 4) / 1e6)} MB for the parameters`, {
      cause,
    });
  }
}
