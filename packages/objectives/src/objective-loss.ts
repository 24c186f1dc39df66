import { type Dropout, type Parameters, scope } from "@propria/engine";
import { type EncoderConfig, encode } from "@propria/transformer-core";
import type { z } from "zod";
import type { Loss, Objective } from "./define-objective.ts";

/** What the engine traces. `B` are the batch's tensors. */
type TracedLoss<B> = (parameters: Parameters, batch: B, context: { dropout: Dropout }) => Loss;

/**
 * An objective's loss as the engine and the trainer take it: a function of all parameters and one batch.
 *
 * @param options The objective's, parsed.
 */
export function objectiveLoss<O extends Objective>(
  objective: O,
  options: z.output<O["options"]>,
  config: EncoderConfig,
): TracedLoss<globalThis.Parameters<O["loss"]>[1]> {
  return (parameters, batch, { dropout }) => {
    const at = (path: string) => scope(parameters, path, { dropout });
    return objective.loss(
      { encode: (tokens) => encode(at("bert"), tokens, config), scope: at, parameters, config, options },
      batch,
    );
  };
}
