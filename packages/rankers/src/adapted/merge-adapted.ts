import { mergeAdapter } from "@propria/adapters";
import { Tokenizer } from "@propria/tokenizer";
import { readContract, readHeads, readModelCard, saveModel } from "@propria/transformer-core";
import { plain } from "../train-model.ts";
import { type AdaptedOptions, loadWhole, without } from "./adapted-model.ts";

/**
 * Writes a model of its own, with an adapter in its weights: it computes what model and adapter did, to rounding, and needs neither. Heads of the adapter's folder stand in the
 * place of the model's; what the folder says of texts holds, else what the model's says.
 *
 * @param folder An adapter's.
 * @param out    The model folder, which must not exist.
 * @throws {PropriaError} `ADAPTER_MERGE` for an adapter that is no change of weights; `ADAPTER_FILE` for a folder of none; `OUTPUT_EXISTS`; `ADAPTER_BASE`, `ADAPTER_NAME`.
 */
export async function mergeAdapted(folder: string, out: string, options: AdaptedOptions = {}): Promise<void> {
  const { folder: model, config, parameters, attachment } = await loadWhole(folder, options);
  const own = Object.keys(attachment.kept);
  const card = await readModelCard(folder);
  const { name } = attachment.adapter;
  await saveModel(out, {
    ...{ config, parameters: await mergeAdapter(without(parameters, own), { attachment, parameters }) },
    ...{ heads: await readHeads(folder), tokenizer: await Tokenizer.load(model) },
    contract: card?.contract ?? (await readContract(model)),
    provenance: plain({ adapter: name, ...card?.provenance, merged: true }),
  });
}
