import type { ParameterStore } from "@propria/engine";
import type { NamedArrays } from "./tensor-file.ts";

/** The weights of a store where they are. */
export const weightsOf = (store: ParameterStore): NamedArrays =>
  Object.fromEntries(store.names.map((name) => [name, { shape: store.shape(name), data: store.weights(name) }]));
