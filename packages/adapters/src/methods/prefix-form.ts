/** A prefix in PEFT's files. */
import { PropriaError } from "@propria/base";
import type { HostParameter, HostParameters, Json } from "@propria/transformer-core";
import { z } from "zod";
import type { PeftForm } from "../define-adapter.ts";

interface PrefixOptions {
  length: number;
  positions: "unchanged" | "shifted";
}

const schema = z.object({
  num_virtual_tokens: z.number().int().positive(),
  num_layers: z.number().int().positive(),
  token_dim: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
});

const NAME = "prompt_embeddings"; // [S, L · 2 · H], of each layer keys and then values

/**
 * How PEFT writes prefix-tuning. It begins the text at position l, so only a prefix with `positions: "shifted"` in every layer is the same there; another is
 * written in our own form.
 */
export const prefixForm: PeftForm<PrefixOptions> = {
  type: "PREFIX_TUNING",

  write(own, sites, { options: { length, positions }, config }) {
    const { layers, hiddenSize, heads } = config;
    const paths = sites.filter(({ kind }) => kind === "prefix").map(({ path }) => path);
    if (positions !== "shifted" || paths.length !== layers) return undefined;
    const blocks = paths.flatMap((path) => [own[`${path}.prefix.keys`]!, own[`${path}.prefix.values`]!]);
    const data = new Float32Array(length * blocks.length * hiddenSize);
    forEachRow(length, blocks, hiddenSize, (row, block, at) => data.set(row(block.data), at));
    const peft: Record<string, Json> = {
      num_virtual_tokens: length,
      num_layers: layers,
      num_attention_heads: heads,
      token_dim: hiddenSize,
      num_transformer_submodules: 1,
      encoder_hidden_size: hiddenSize,
      prefix_projection: false, // the file holds what the projection gave
    };
    return { config: peft, tensors: { [NAME]: { shape: [length, blocks.length * hiddenSize], data } } };
  },

  read({ config: peft, tensors }, config) {
    const { num_virtual_tokens: length, num_layers, token_dim, num_attention_heads } = schema.parse(peft);
    const found = `${num_layers} layers of ${token_dim} in ${num_attention_heads} heads`;
    const expected = `${config.layers} layers of ${config.hiddenSize} in ${config.heads} heads`;
    if (found !== expected)
      throw new PropriaError("ADAPTER_FILE", `is a prefix for ${found}, and the model has ${expected}`);
    const { hiddenSize } = config;
    const { [NAME]: prompt, ...rest } = tensors;
    if (!prompt || `${prompt.shape}` !== `${[length, num_layers * 2 * hiddenSize]}`)
      throw new PropriaError("ADAPTER_FILE", `holds no ${NAME} of [${[length, num_layers * 2 * hiddenSize]}]`);
    const parameters: Record<string, HostParameter> = { ...rest };
    const blocks = Array.from({ length: config.layers }, (_, i) => `bert.encoder.layer.${i}.attention.self`).flatMap(
      (path) =>
        ["prefix.keys", "prefix.values"].map((name) => {
          const block = { shape: [length, hiddenSize], data: new Float32Array(length * hiddenSize) };
          parameters[`${path}.${name}`] = block;
          return block;
        }),
    );
    forEachRow(length, blocks, hiddenSize, (row, block, at) =>
      row(block.data).set(prompt.data.subarray(at, at + hiddenSize)),
    );
    return {
      options: { length, positions: "shifted", reparameterize: false },
      parameters: parameters as HostParameters,
    };
  },
};

/** Each row of each block, `[S, H]`, and where in `[S, blocks · H]` it stands. */
function forEachRow(
  length: number,
  blocks: readonly HostParameter[],
  width: number,
  visit: (row: (data: Float32Array) => Float32Array, block: HostParameter, at: number) => void,
): void {
  for (const [i, block] of blocks.entries())
    for (let s = 0; s < length; s++)
      visit((data) => data.subarray(s * width, (s + 1) * width), block, (s * blocks.length + i) * width);
}
