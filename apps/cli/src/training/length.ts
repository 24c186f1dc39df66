import { PropriaError } from "@propria/base";
import { given } from "../program/given.ts";

/**
 * How long to train, if anything says so.
 *
 * @throws {PropriaError} `FLAG_CONFLICT` for `--steps` and `--epochs` together.
 */
export function lengthOf(
  steps: number | undefined,
  epochs: number | undefined,
): { steps?: number } | { epochs?: number } {
  if (steps !== undefined && epochs !== undefined)
    throw new PropriaError("FLAG_CONFLICT", "--steps and --epochs both say how long to train", {
      mend: "leave one out",
    });
  return given({ steps, epochs });
}
