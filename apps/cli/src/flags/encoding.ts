/** Flags that say how a text becomes a vector, for models that do not say it themselves. */
import { savedAdapterFlags } from "./adapter.ts";
import { choice, type Flags, integer, text, type Values } from "./flag.ts";

/** What is not given is what the model's folder says. */
export const encodingFlags = {
  pooling: choice(
    ["cls", "mean", "pooler"],
    "what becomes of the hidden states; default: what the model says, else cls",
  ),
  similarity: choice(["dot", "cosine"], "how vectors are compared; default: what the model says, else dot"),
  maxTokens: integer("N", "longest text, special tokens included; default: what the model says", { min: 3, max: 512 }),
  queryPrefix: text("TEXT", "stands before each query; default: what the model says"),
  documentPrefix: text("TEXT", "stands before each document; default: what the model says"),
  ...savedAdapterFlags,
} as const satisfies Flags;

/** Their values. */
export type EncodingFlags = Values<typeof encodingFlags>;
