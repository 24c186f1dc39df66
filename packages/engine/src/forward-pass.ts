import { serial } from "@propria/base";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Batch, leaves, mapLeaves, type NdArray, type OnDevice, signature, specs } from "./arrays.ts";
import type { Backend, ForwardProgram } from "./backend.ts";
import type { Weights } from "./parameter-store.ts";
import type { Parameters } from "./scope.ts";
import { sessionCache } from "./session-cache.ts";

/** What a pass without gradients is made of. */
export interface ForwardPassOptions<B extends Batch> {
  backend: Backend;
  /** A `ParameterStore`, or `frozenWeights(…)` for inference alone. */
  store: Weights;
  /** Compiled shapes kept at a time; by default 4. */
  sessions?: number;
  /** Named results. Traced once for each batch shape: no dataSync, no branch on values. */
  run(parameters: Parameters, batch: OnDevice<B>): Record<string, Tensor>;
}

/** A compiled pass. */
export interface ForwardPass<B extends Batch> {
  /** The results as arrays that the caller owns. Runs that are not awaited take their turns. */
  run(batch: B): Promise<Record<string, NdArray>>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

/** Compiles nothing yet: each batch shape is compiled when it first comes. */
export function forwardPass<B extends Batch>({
  backend,
  store,
  sessions = 4,
  run,
}: ForwardPassOptions<B>): ForwardPass<B> {
  const programs = sessionCache<ForwardProgram>(sessions);
  const inTurn = serial(); // a program must not be released while another run of it waits
  return {
    run: (batch) =>
      inTurn(async () => {
        const program = await programs.get(signature(batch), () =>
          backend.compileForward({
            inputs: specs(batch),
            weights: store,
            run: (parameters, inputs) => run(parameters, mapLeaves(batch, (path) => inputs.get(path)!) as OnDevice<B>),
          }),
        );
        return program.run(leaves(batch));
      }),
    release: () => inTurn(() => programs.clear()),
  };
}
