import type { ParameterStore } from "@propria/engine";
import type { NamedArrays } from "./tensor-file.ts";

/** The trained weights of a store where they are; frozen ones are as they were at the start, and what they were is in the training's identity. */
export const weightsOf = (store: ParameterStore): NamedArrays =>
  Object.fromEntries(store.trainable.map((name) => [name, { shape: store.shape(name), data: store.weights(name) }]));
