import { type BiEncoder, openBiEncoder } from "@propria/rankers";
import { savedAdapterOf } from "../flags/adapter.ts";
import type { EncodingFlags } from "../flags/encoding.ts";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";

/** What runs the model. */
export interface EngineFlags {
  backend: "onnx" | "cpu";
  threads: number | undefined;
}

/** Opens a bi-encoder for as long as `use` runs. What its folder does not say, and no flag, the reader is told. */
export async function withBiEncoder<Result>(
  folder: string,
  flags: EncodingFlags & EngineFlags,
  { note }: Pick<CommandContext, "note">,
  use: (model: BiEncoder) => Promise<Result>,
): Promise<Result> {
  const { pooling, similarity, maxTokens, queryPrefix, documentPrefix, backend, threads } = flags;
  const options = given({ pooling, similarity, maxTokens, queryPrefix, documentPrefix, backend, threads });
  const model = await openBiEncoder(folder, { ...options, ...(await savedAdapterOf(flags)) });
  try {
    if (model.assumed.length > 0) {
      const assumed = model.assumed.map((name) => `--${name} ${model.contract[name]}`).join(", ");
      note(`${folder} does not say how its vectors are meant; assumed: ${assumed}`);
    }
    return await use(model);
  } finally {
    await model.release();
  }
}
