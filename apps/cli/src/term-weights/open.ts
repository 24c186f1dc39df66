import { isPropriaError, PropriaError } from "@propria/base";
import { openTermWeights, type TermWeights, type TermWeightsOptions } from "@propria/rankers";

/**
 * Opens a DeepCT model.
 *
 * @throws {PropriaError} `NOT_TERM_WEIGHTS`, saying which command trains one; what else `openTermWeights` throws.
 */
export async function openWeigher(folder: string, options: TermWeightsOptions): Promise<TermWeights> {
  return openTermWeights(folder, options).catch((cause: unknown) => {
    if (!isPropriaError(cause) || cause.code !== "NOT_TERM_WEIGHTS") throw cause;
    throw new PropriaError("NOT_TERM_WEIGHTS", "this model gives no term weights", {
      at: folder,
      mend: `train one: propria finetune term-weights --init ${folder} --collection PATH --out DIR`,
      cause,
    });
  });
}
