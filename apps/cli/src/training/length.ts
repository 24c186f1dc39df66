import { PropriaError } from "@propria/base";

/** @throws {PropriaError} `FLAG_MISSING` or `FLAG_CONFLICT` unless exactly one of `--steps` and `--epochs` is given. */
export function lengthOf(
  steps: number | undefined,
  epochs: number | undefined,
): { steps: number } | { epochs: number } {
  if (steps !== undefined && epochs !== undefined)
    throw new PropriaError("FLAG_CONFLICT", "--steps and --epochs both say how long to train", {
      mend: "leave one out",
    });
  if (steps !== undefined) return { steps };
  if (epochs !== undefined) return { epochs };
  throw new PropriaError("FLAG_MISSING", "needs --steps N or --epochs N");
}
