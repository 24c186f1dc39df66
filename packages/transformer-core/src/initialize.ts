/** Fresh parameters, as BERT starts them. */
import type { Random } from "@propria/base";
import type { EncoderConfig } from "./config.ts";
import { type HostParameters, type Init, type Inits, sizeOf } from "./host-parameters.ts";

const CUT_DEVIATIONS = 2; // tf.truncated_normal_initializer's, which BERT uses

/**
 * The encoder's parameters, in the order of the forward pass and without the pooler.
 *
 * Matrices are `[out, in]` and normal with `initializerRange`, biases 0, LayerNorm's gain 1.
 */
export function encoderInits(config: EncoderConfig): Inits {
  const { vocabSize, hiddenSize, layers, maxPositions, typeVocabSize, initializerRange } = config;
  const table = (rows: number): Init => ({ shape: [rows, hiddenSize], std: initializerRange });
  const inits: Record<string, Init> = {
    "bert.embeddings.word_embeddings.weight": table(vocabSize),
    "bert.embeddings.position_embeddings.weight": table(maxPositions),
    "bert.embeddings.token_type_embeddings.weight": table(typeVocabSize),
    ...layerNormInits("bert.embeddings.LayerNorm", hiddenSize),
  };
  for (let i = 0; i < layers; i++) Object.assign(inits, transformerLayerInits(`bert.encoder.layer.${i}`, config));
  return inits;
}

/**
 * One layer's parameters: `PREFIX.attention.self.query.weight` and so on, started as the encoder's.
 *
 * @param prefix The scope that `transformerLayer` gets: `"decoder.layer.0"` for a layer of an objective's own.
 */
export function transformerLayerInits(prefix: string, config: EncoderConfig): Inits {
  const { hiddenSize, intermediateSize } = config;
  const dense = (name: string, width: number, out: number) => denseInits(`${prefix}.${name}`, width, out, config);
  const norm = (name: string) => layerNormInits(`${prefix}.${name}`, hiddenSize);
  return {
    ...dense("attention.self.query", hiddenSize, hiddenSize),
    ...dense("attention.self.key", hiddenSize, hiddenSize),
    ...dense("attention.self.value", hiddenSize, hiddenSize),
    ...dense("attention.output.dense", hiddenSize, hiddenSize),
    ...norm("attention.output.LayerNorm"),
    ...dense("intermediate.dense", hiddenSize, intermediateSize),
    ...dense("output.dense", intermediateSize, hiddenSize),
    ...norm("output.LayerNorm"),
  };
}

/** A linear map from `width` to `out`: `NAME.weight` `[out, width]` and `NAME.bias` `[out]`. */
export const denseInits = (name: string, width: number, out: number, { initializerRange }: EncoderConfig): Inits => ({
  [`${name}.weight`]: { shape: [out, width], std: initializerRange },
  [`${name}.bias`]: { shape: [out], std: 0 },
});

/** A LayerNorm over `width`: `NAME.weight` 1 and `NAME.bias` 0, both `[width]`. */
export const layerNormInits = (name: string, width: number): Inits => ({
  [`${name}.weight`]: { shape: [width], std: 0, value: 1 },
  [`${name}.bias`]: { shape: [width], std: 0 },
});

/**
 * Fresh parameters of the encoder and of `heads`.
 *
 * Each is drawn from a stream of its own name, so a head more changes no other weight. As in BERT's code the normal is
 * cut at two deviations and drawn again beyond them; Hugging Face's is not cut.
 *
 * @param heads  Further parameters by full name: `{ ...poolerInits(config), ...rankingInits(config) }`.
 * @param random Forked by parameter name.
 */
export const initialize = (config: EncoderConfig, heads: Inits, random: Random): HostParameters =>
  initializeFrom({ ...encoderInits(config), ...heads }, random);

/** Fresh values for `inits`, each from the stream of its name. */
export const initializeFrom = (inits: Inits, random: Random): HostParameters =>
  Object.fromEntries(
    Object.entries(inits).map(([name, init]) => [name, { shape: init.shape, data: draw(init, random.fork(name)) }]),
  );

function draw({ shape, std, value = 0, bound }: Init, random: Random): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (bound !== undefined) return data.map(() => bound * (2 * random() - 1));
  if (std === 0) return data.fill(value);
  for (let i = 0; i < data.length; ) {
    // Box and Muller: two independent normals from two uniforms.
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    for (const normal of [radius * Math.cos(angle), radius * Math.sin(angle)])
      if (Math.abs(normal) <= CUT_DEVIATIONS && i < data.length) data[i++] = std * normal;
  }
  return data;
}
