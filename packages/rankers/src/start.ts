/** The parameters that fine-tuning starts from. */
import type { Random } from "@propria/base";
import {
  type EncoderConfig,
  type HostParameters,
  initialize,
  type ModelCard,
  poolerInits,
  rankingInits,
} from "@propria/transformer-core";
import { type AdaptedOptions, type LoadedModel, loadModel } from "./adapted/adapted-model.ts";
import { crossEncoderInits } from "./cross-encoder.ts";

/** Taken from the model that training starts from, or drawn. */
export type HeadOrigin = "carried" | "fresh";

/** A cross-encoder before its first step. */
export interface Start extends LoadedModel {
  head: HeadOrigin;
  pooler: HeadOrigin;
}

/** Heads that a cross-encoder has no use for. */
const MASKED_LANGUAGE_MODEL = "cls";

/** Loads the encoder of a folder, which may be an adapter's, with its pooler and classifier, or with fresh ones in their place. */
export async function loadStart(
  folder: string,
  head: "auto" | "carry" | "fresh",
  { random, ...adapted }: AdaptedOptions & { random: Random },
): Promise<Start> {
  if (head !== "fresh") {
    const fresh = head === "auto" ? ["classifier", "bert.pooler"] : [];
    const drop = [MASKED_LANGUAGE_MODEL];
    return described(await loadModel(folder, { heads: crossEncoderInits, fresh, drop, random, ...adapted }));
  }
  const drop = [MASKED_LANGUAGE_MODEL, "classifier"];
  const loaded = await loadModel(folder, { heads: poolerInits, fresh: ["bert.pooler"], drop, random, ...adapted });
  const drawn = freshClassifier(loaded.config, random);
  return described({
    ...loaded,
    parameters: { ...loaded.parameters, ...drawn },
    fresh: [...loaded.fresh, ...Object.keys(drawn)],
  });
}

function described(model: LoadedModel): Start {
  const origin = (prefix: string): HeadOrigin =>
    model.fresh.some((name) => name.startsWith(prefix)) ? "fresh" : "carried";
  return { ...model, head: origin("classifier."), pooler: origin("bert.pooler.") };
}

/** Each parameter is drawn from a stream of its name, so an encoder of no layers gives the same classifier. */
function freshClassifier(config: EncoderConfig, random: Random): HostParameters {
  const inits = rankingInits(config);
  const drawn = initialize({ ...config, layers: 0, vocabSize: 1, maxPositions: 1 }, inits, random);
  return Object.fromEntries(Object.keys(inits).map((name) => [name, drawn[name]!]));
}

/** The longest input of the training that a model comes from, if it says. */
export function trainedTokens(card: ModelCard | undefined): number | undefined {
  const tokens = card?.contract?.maxTokens ?? card?.provenance.maxTokens;
  return typeof tokens === "number" ? tokens : undefined;
}
