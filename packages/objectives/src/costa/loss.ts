/** COSTA's loss. Shapes: `N` texts, `T` tokens each, `S` spans each, `H` hidden. */
import { linear, type NdArray } from "@propria/engine";
import {
  clsPooling,
  denseInits,
  type EncoderConfig,
  type Inits,
  type MaskedTokens,
  type Tokens,
} from "@propria/transformer-core";
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossContext, Represented } from "../define-objective.ts";
import { groupContrastive, l2Normalize, maskedTokenMean, type Span, spanPooling } from "../toolkit/index.ts";
import type { CostaExample } from "./examples.ts";

/** What may stand on a text's vector. */
export const projectors = ["tanh", "mlp", "none"] as const;

interface LossOptions {
  similarity: "cosine" | "dot";
  projector: (typeof projectors)[number];
  temperature: number;
  reduction: "mean" | "sum";
  contrastiveWeight: number;
  maskedWeight: number;
}

interface CostaBatch {
  text: Tokens;
  masks: MaskedTokens;
  /** Absent where there are no spans: then the masked language model is all. */
  spans?: { starts: Tensor2D; ends: Tensor2D; content: Tensor2D };
}

/** A text's vector, and its spans' where there are any. */
export type CostaVectors = { texts: Tensor2D } | { texts: Tensor2D; spans: Tensor3D };

const PROJECTOR = "costa.projector";

/** The projector's parameters. */
export function projectorInits(projector: LossOptions["projector"], config: EncoderConfig): Inits {
  const { hiddenSize } = config;
  if (projector === "none") return {};
  const first = denseInits(PROJECTOR, hiddenSize, hiddenSize, config);
  return projector === "tanh"
    ? first
    : { ...first, ...denseInits(`${PROJECTOR}.output`, hiddenSize, hiddenSize, config) };
}

/**
 * Spans as places in their rows, int32 `[N, S]` each, and which tokens of the rows count in them, `[N, T]`: not the special ones of the text.
 *
 * @param width `T` of the padded rows.
 */
export function collateSpans(
  examples: readonly CostaExample[],
  width: number,
  { specialIds }: { specialIds: ReadonlySet<number> },
): { starts: Places; ends: Places; content: Places } {
  const shape: [number, number] = [examples.length, examples[0]?.spans.length ?? 0];
  const places = (edge: keyof Span): Places => ({
    data: Int32Array.from(examples.flatMap(({ spans }) => spans.map((span) => span[edge]))),
    shape,
  });
  const content = new Int32Array(examples.length * width);
  examples.forEach(({ inputIds, positions }, i) => {
    inputIds.forEach((id, place) => {
      content[i * width + place] = specialIds.has(id) ? 0 : 1;
    });
    for (const position of positions) content[i * width + position] = 1; // a masked token is none of the text's special ones
  });
  return { starts: places("start"), ends: places("end"), content: { data: content, shape: [examples.length, width] } };
}

type Places = NdArray<[number, number]>;

/** The vectors of texts and of their spans, from one pass over masked text, and the masked language model of it. */
export function costaVectors<Heads>(
  context: LossContext<LossOptions, Heads>,
  { text, masks, spans }: CostaBatch,
): Represented<CostaVectors> {
  const { encode, options } = context;
  const hidden = encode(text); // [N, T, H]
  const cls = clsPooling(hidden); // [N, H]
  const means = options.maskedWeight > 0 && { mlm: maskedTokenMean(context, hidden, masks, options.maskedWeight) };
  return {
    vectors: spans
      ? { texts: project(context, cls), spans: spanPooling(hidden, spans.starts, spans.ends, spans.content) }
      : { texts: cls },
    ...(means && { means }),
  };
}

function project<Heads>({ scope, options }: LossContext<LossOptions, Heads>, cls: Tensor2D): Tensor2D {
  if (options.projector === "none") return cls;
  const p = scope(PROJECTOR);
  const x = tf.tanh(linear(p, cls) as Tensor2D) as Tensor2D;
  return options.projector === "tanh" ? x : (linear(p.at("output"), x) as Tensor2D);
}

/** λ·L_GWC of all texts and spans. */
export function costaContrast(
  vectors: CostaVectors,
  { similarity, temperature, reduction, contrastiveWeight }: Omit<LossOptions, "projector" | "maskedWeight">,
): Loss {
  if (!("spans" in vectors)) return { loss: tf.mul(tf.sum(vectors.texts), 0) as Scalar }; // T = 0
  const { texts, spans } = vectors;
  const [groups, size, width] = spans.shape;
  const normalized = (x: Tensor2D) => (similarity === "cosine" ? l2Normalize(x) : x);
  const members: Tensor3D = tf.reshape(normalized(tf.reshape(spans, [groups * size, width])), [groups, size, width]);
  const perText = groupContrastive(normalized(texts), members, temperature); // [N]
  const gwc = (reduction === "sum" ? tf.sum(perText) : tf.mean(perText)) as Scalar;
  return { loss: tf.mul(gwc, contrastiveWeight), parts: { gwc } };
}
