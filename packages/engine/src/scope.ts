import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { dropout } from "./ops/dropout.ts";

/** Parameters by Hugging Face name. */
export type Parameters = Readonly<Record<string, Tensor>>;

/**
 * Where something may attach to an encoder. The encoder asks at each of its sites, by path, and knows no adapter; what is answered is used
 * in the place of `y`, so `y` itself changes nothing. `B` texts, `T` tokens each, `H` hidden, `N` rows of all texts, text by text.
 */
export interface Sites {
  /** After a linear map `y = xWᵀ + b`; `x` is `[N, in]`, `y` is `[N, out]`. Path: of its scope, `….attention.self.query`. */
  linear?(path: string, x: Tensor2D, y: Tensor2D): Tensor2D;
  /** After a LayerNorm, `[N, H]`. Path: of its scope, `….output.LayerNorm`. */
  norm?(path: string, y: Tensor2D): Tensor2D;
  /** Which positions the texts have: the table `[P, H]`, and the words `[B, T, H]`; the answer is `[T, H]` or `[B, T, H]`, and without one it is the table's first T rows. */
  positions?(path: string, table: Tensor2D, words: Tensor3D): Tensor | undefined;
  /** Keys and values that stand before those of a layer's input `x`, `[B, T, H]`. Path: `….attention.self`. */
  prefix?(path: string, x: Tensor3D): Prefix | undefined;
  /** After a sub-layer that read `x`, before its residual is added; `[B, T, H]`. Paths: `….attention`, `….output`. */
  sublayer?(path: string, x: Tensor3D, y: Tensor3D): Tensor3D;
  /** After the residual of a sub-layer that read `x` is added and normalised; `[B, T, H]`. Paths as of `sublayer`. */
  addNorm?(path: string, x: Tensor3D, y: Tensor3D): Tensor3D;
  /** After a layer that read `x`; `[B, T, H]`. Path: `….layer.0`. */
  layer?(path: string, x: Tensor3D, y: Tensor3D): Tensor3D;
  /** After all layers; `x` are the embeddings; `[B, T, H]`. Path: `bert.encoder`. */
  stack?(path: string, x: Tensor3D, y: Tensor3D): Tensor3D;
}

/** Keys and values beside a text's own, visible to all its tokens. */
export interface Prefix {
  /** `[1, S, H]`, or `[B, S, H]` where texts have different ones. */
  keys: Tensor3D;
  values: Tensor3D;
  /** Added to the attention's scores, `[B, 1, 1, S]`; 0 when absent. */
  bias?: Tensor4D;
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
