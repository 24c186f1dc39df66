import type { Attachment } from "@propria/adapters";
import { type Batch, type Dropout, type Parameters, type StagedLoss, scope, wholeLoss } from "@propria/engine";
import { type EncoderConfig, encode, encodeLayers } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { Loss, LossContext, Objective } from "./define-objective.ts";

/** What the engine traces. `B` are the batch's tensors. */
type TracedLoss<B> = (parameters: Parameters, batch: B, context: { dropout: Dropout }) => Loss;

/** The tensors that an objective's `loss` or `represent` takes. */
type TensorsOf<O extends Objective> = globalThis.Parameters<NonNullable<O["loss"] | O["represent"]>>[1];

/**
 * An objective's loss as the engine and the trainer take it: a function of all parameters and one batch. One in stages is
 * taken whole, in one graph.
 *
 * @param options The objective's, parsed.
 * @param attachment An adapter of the encoder, whose parameters are among all.
 */
export function objectiveLoss<O extends Objective>(
  objective: O,
  options: z.output<O["options"]>,
  config: EncoderConfig,
  attachment?: Attachment,
): TracedLoss<TensorsOf<O>> {
  const stages = objectiveStages(objective, options, config, attachment);
  if (stages) return wholeLoss(stages) as TracedLoss<TensorsOf<O>>;
  return (parameters, batch, { dropout }) =>
    objective.loss!(lossContext(parameters, dropout, { config, options, attachment }), batch as never);
}

/**
 * The same in its two stages, for gradient caching; `undefined` for an objective that has a `loss` instead.
 *
 * @param options The objective's, parsed.
 * @param attachment An adapter of the encoder, whose parameters are among all.
 */
export function objectiveStages<O extends Objective>(
  objective: O,
  options: z.output<O["options"]>,
  config: EncoderConfig,
  attachment?: Attachment,
): StagedLoss<Batch, Record<string, Tensor>> | undefined {
  if (!objective.represent) return undefined;
  return {
    represent: (parameters, batch, { dropout }) =>
      objective.represent(lossContext(parameters, dropout, { config, options, attachment }), batch),
    contrast: (parameters, vectors) =>
      objective.contrast({ scope: (path) => scope(parameters, path), parameters, config, options }, vectors),
  };
}

function lossContext<Options>(
  parameters: Parameters,
  dropout: Dropout,
  { config, options, attachment }: { config: EncoderConfig; options: Options; attachment: Attachment | undefined },
): LossContext<Options, Record<string, never>> {
  const sites = attachment?.sites(parameters, { dropout }) ?? {};
  const at = (path: string) => scope(parameters, path, { dropout, sites });
  return {
    encode: (tokens) => encode(at("bert"), tokens, config),
    encodeLayers: (tokens) => encodeLayers(at("bert"), tokens, config),
    scope: at,
    parameters,
    config,
    options,
  };
}
