import type { ParameterStore } from "../parameter-store.ts";
import { instantiate } from "../wasm/instantiate.ts";
import optimizerKernels from "../wasm/optimizer.wasm.ts";
import { clipFactor } from "./clip.ts";

/** Hyper-parameters of AdamW; the learning rate comes with each step. */
export interface AdamWOptions {
  /** Decay of the first moment, by default 0.9. */
  beta1?: number;
  /** Decay of the second moment, by default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment, by default 1e-8. */
  epsilon?: number;
  /** Decoupled weight decay, times the learning rate; by default 0.01. */
  weightDecay?: number;
  /** Gradients are scaled down to this global L2 norm; by default 1. `Infinity` never clips. */
  maxGradientNorm?: number;
}

/** An optimizer over a store's blocks. */
export interface Optimizer {
  /** L2 norm of the gradients of the named parameters. */
  gradientNorm(names: readonly string[]): number;
  /** Clips by that norm and updates the named parameters and their moments in place. `step` counts from 1. */
  update(names: readonly string[], at: { step: number; learningRate: number; gradientNorm: number }): void;
}

interface Kernels {
  sumOfSquares(at: number, length: number): number;
  /** Four addresses, the length, and the scalars in the order of `optimizer.wat`. */
  adamW(weights: number, gradients: number, first: number, second: number, length: number, ...scalars: number[]): void;
}

/**
 * Adam with decoupled weight decay and bias correction, one pass of SIMD over the store's memory. Weight decay applies where the
 * store says so; parameters that are not named keep their weights and moments, as PyTorch's without a gradient do.
 *
 * @see Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, Algorithm 2. https://arxiv.org/abs/1711.05101
 */
export function adamW(
  store: ParameterStore,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, maxGradientNorm = 1 }: AdamWOptions = {},
): Optimizer {
  const kernels = instantiate<Kernels>(optimizerKernels, store.memory);
  const blocks = store.blocks();
  return {
    gradientNorm(names) {
      let sum = 0;
      for (const { start, length } of store.stretches(names))
        sum += kernels.sumOfSquares(address(blocks.gradients, start), length);
      return Math.sqrt(sum);
    },
    update(names, { step, learningRate, gradientNorm }) {
      const clip = clipFactor(gradientNorm, maxGradientNorm);
      // m̂ / (√v̂ + ε) = m · (√c₂ / c₁) / (√v + ε√c₂) with the corrections c₁ = 1 − β₁ᵗ and c₂ = 1 − β₂ᵗ.
      const root = Math.sqrt(1 - beta2 ** step);
      const size = (learningRate * root) / (1 - beta1 ** step);
      for (const { start, length, decays } of store.stretches(names)) {
        const keep = decays ? 1 - learningRate * weightDecay : 1;
        kernels.adamW(
          address(blocks.weights, start),
          address(blocks.gradients, start),
          address(blocks.firstMoments, start),
          address(blocks.secondMoments, start),
          length,
          clip,
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
          size,
          keep,
          epsilon * root,
        );
      }
    },
  };
}

/** A byte address as a WebAssembly i32: above 2 GB it wraps to a negative number of the same bits. */
const address = (block: number, start: number): number => (block + start * 4) | 0;
