/**
 * What every gradient is multiplied by so that their global L2 norm is at most `maxNorm`.
 *
 * Equal to PyTorch's `clip_grad_norm_`, whose 1e-6 keeps the quotient finite.
 */
export const clipFactor = (norm: number, maxNorm: number): number => Math.min(1, maxNorm / (norm + 1e-6));
