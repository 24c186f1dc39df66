/** The shape of a BERT encoder, and Google's miniatures by name. */
import { PropriaError } from "@propria/base";

/** What decides the encoder's shapes and its arithmetic. Hugging Face's names stand beside ours. */
export interface EncoderConfig {
  /** Rows of the word embeddings (`vocab_size`). */
  vocabSize: number;
  /** Width of the hidden states (`hidden_size`); a multiple of `heads`. */
  hiddenSize: number;
  /** Transformer layers (`num_hidden_layers`). */
  layers: number;
  /** Attention heads of each layer (`num_attention_heads`). */
  heads: number;
  /** Width of the feed-forward's inner layer (`intermediate_size`). */
  intermediateSize: number;
  /** Longest text, in tokens (`max_position_embeddings`). */
  maxPositions: number;
  /** Segments: 2 in BERT (`type_vocab_size`). */
  typeVocabSize: number;
  /** Added to the variance in LayerNorm (`layer_norm_eps`). */
  layerNormEpsilon: number;
  /** Share of the embeddings' and the sub-layers' outputs that training drops (`hidden_dropout_prob`). */
  dropout: number;
  /** Share of the attention probabilities that training drops (`attention_probs_dropout_prob`). */
  attentionDropout: number;
  /** Deviation of fresh weights (`initializer_range`). */
  initializerRange: number;
  /** Id of [PAD] (`pad_token_id`). */
  padId: number;
}

/** BERT's own constants: every published BERT keeps them. */
const BERT = {
  maxPositions: 512,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  dropout: 0.1,
  attentionDropout: 0.1,
  initializerRange: 0.02,
  padId: 0,
};

const HEAD_WIDTH = 64; // in every miniature
const FEED_FORWARD_FACTOR = 4; // intermediate over hidden, in every miniature

const MINIATURES = {
  tiny: { layers: 2, hiddenSize: 128 },
  mini: { layers: 4, hiddenSize: 256 },
  small: { layers: 4, hiddenSize: 512 },
  medium: { layers: 8, hiddenSize: 512 },
  base: { layers: 12, hiddenSize: 768 },
};

/** A size that `namedConfig` knows. */
export type ConfigName = keyof typeof MINIATURES;

/** The sizes that `namedConfig` knows, smallest first. */
export const configNames = Object.keys(MINIATURES) as ConfigName[];

/**
 * The encoder of one of Google's miniatures: tiny 2 × 128, mini 4 × 256, small 4 × 512, medium 8 × 512, base 12 × 768
 * (layers × width), heads of 64, the feed-forward four times the width.
 *
 * @throws {PropriaError} `CONFIG_NAME` for another name.
 * @see Turc et al., "Well-Read Students Learn Better", 2019. https://arxiv.org/abs/1908.08962
 */
export function namedConfig(name: ConfigName, { vocabSize, ...changes }: NamedConfigOptions): EncoderConfig {
  if (!Object.hasOwn(MINIATURES, name))
    throw new PropriaError("CONFIG_NAME", `no encoder size is called ${JSON.stringify(name)}`, {
      mend: `one of ${configNames.join(", ")}`,
    });
  const { layers, hiddenSize } = MINIATURES[name];
  const intermediateSize = FEED_FORWARD_FACTOR * hiddenSize;
  return { vocabSize, hiddenSize, layers, heads: hiddenSize / HEAD_WIDTH, intermediateSize, ...BERT, ...changes };
}

/** The size of the vocabulary, and whatever shall differ from BERT's constants. */
export type NamedConfigOptions = Pick<EncoderConfig, "vocabSize"> & Partial<EncoderConfig>;
