import { clsPooling, type MaskedTokens, meanPooling, type Tokens } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Loss, LossContext } from "../define-objective.ts";
import { maskedTokenLoss } from "../toolkit/index.ts";
import { type DecoderOptions, decode } from "./decoder.ts";

interface LossOptions extends DecoderOptions {
  pooling: "cls" | "mean";
}

/** What `collate` made, as tensors. */
interface TsdaeBatch {
  damaged: Tokens;
  whole: { inputIds: Tensor2D };
  next: MaskedTokens;
}

/** −mean log p(xₜ | x₁ … xₜ₋₁, the damaged text's vector), through BERT's head of words. */
export function tsdaeLoss<Heads>(context: LossContext<LossOptions, Heads>, { damaged, whole, next }: TsdaeBatch): Loss {
  const { encode, scope, options } = context;
  const hidden = encode(damaged); // [B, T', H]
  const vector = options.pooling === "cls" ? clsPooling(hidden) : meanPooling(hidden, damaged.attentionMask); // [B, H]
  const states = decode(scope(""), whole.inputIds, vector, context); // [B, T, H]
  return { loss: maskedTokenLoss(context, states, next) };
}
