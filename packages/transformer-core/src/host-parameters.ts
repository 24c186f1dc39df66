/** Parameters on the host, and how fresh ones are declared. */

/** One parameter on the host: float32, row-major. */
export interface HostParameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters on the host by Hugging Face name (`bert.encoder.layer.0.attention.self.query.weight`). */
export type HostParameters = Readonly<Record<string, HostParameter>>;

/** How a parameter starts: constant `value` (default 0) when `std` is 0, else normal with that deviation, cut at two deviations. */
export interface Init {
  readonly shape: readonly number[];
  readonly std: number;
  /** The constant of a parameter without deviation: 1 for the gain of a LayerNorm. */
  readonly value?: number;
  /** Uniform between −bound and bound instead, where `std` is 0. */
  readonly bound?: number;
}

/** Parameters to be, by Hugging Face name. */
export type Inits = Readonly<Record<string, Init>>;

/** Elements of an array of `shape`. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);
