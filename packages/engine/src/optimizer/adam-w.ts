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
