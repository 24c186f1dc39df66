import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { dropout } from "./ops/dropout.ts";

/** Parameters by Hugging Face name. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Where something may attach to the encoder. The encoder calls these and knows no adapter. */
export interface Sites {
  /** After a linear map `y = xWᵀ + b`: returns the `y` to use. `x` is `[N, in]`, `y` is `[N, out]`. */
  linear?(path: string, x: Tensor2D, y: Tensor2D): Tensor2D;
  /** After a sub-layer, before its residual is added. `[B, T, H]` in and out. */
  sublayer?(path: string, y: Tensor3D): Tensor3D;
}

/** The source of dropout masks of one step; each call of `mask` is a site of its own. */
export interface Dropout {
  /**
   * 1 / (1 − rate) where an element is kept and 0 where it is dropped, float32 of `shape`;
   * `undefined` when nothing is to be dropped (rate 0, or no training).
   */
  mask(shape: readonly number[], rate: number): Tensor | undefined;
}

/** A view of the parameters under one prefix, and whatever is attached there. */
export interface Scope {
  /** `bert.encoder.layer.0.attention.self`; empty at the root. */
  readonly path: string;
  readonly sites: Sites;
  /** The step's masks, for ops that take them apart from {@link Scope.dropout}. */
  readonly masks: Dropout;
  /** The scope one or more names down. */
  at(name: string): Scope;
  /** The parameter called `name` in this scope. */
  get(name: string): Tensor;
  /** `x` with a share `rate` of its elements set to 0 and the others scaled up; `x` itself outside training. */
  dropout<T extends Tensor>(x: T, rate: number): T;
}

/** Drops nothing: inference. */
export const noDropout: Dropout = { mask: () => undefined };

/**
 * The scope of `parameters` under `path`.
 *
 * @param path    Without a trailing dot; `""` for all parameters.
 * @param options `sites`: what is attached to the encoder. `dropout`: the step's masks; by default nothing is dropped.
 * @throws {Error} From `get`, when there is no such parameter.
 */
export function scope(
  parameters: Parameters,
  path = "",
  { sites = {}, dropout: masks = noDropout }: { sites?: Sites; dropout?: Dropout } = {},
): Scope {
  const below = (name: string): string => (path && name ? `${path}.${name}` : path || name);
  return {
    path,
    sites,
    masks,
    at: (name) => scope(parameters, below(name), { sites, dropout: masks }),
    get(name) {
      const tensor = parameters[below(name)];
      if (!tensor) throw new Error(`no parameter ${below(name)}`);
      return tensor;
    },
    dropout: (x, rate) => dropout(x, masks.mask(x.shape, rate)),
  };
}
