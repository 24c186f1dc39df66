/** A program: answers a text of each task, by one model with all adapters or by a model for each, and prints what memory that took. */
import { adapterHost, loadAdapter } from "@propria/adapters";
import { type ForwardPass, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { encode, meanPooling } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { heldBytes, peakBytes } from "../../memory.ts";
import { loadEncoder, randomTexts, TEXT_TOKENS, type TextBatch } from "./minilm.ts";

/** Its argument, as JSON. */
export interface AdapterServing {
  model: string;
  /** Folders of adapters, one for each task. */
  adapters: readonly string[];
  /** Whether they share one model; else each task has a whole one, as if it were merged. */
  isShared: boolean;
  threads: number;
}

/** What it prints, in bytes. */
export interface ServingMemory {
  /** Before there is a model: Node and onnxruntime. */
  started: number;
  /** The most that the process ever held. */
  peak: number;
}

const { model, adapters, isShared, threads } = JSON.parse(process.argv[2]!) as AdapterServing;
const backend = await openBackend("onnx", { threads });
const started = heldBytes();
if (isShared) {
  const { config, parameters: base } = await loadEncoder(model);
  const host = adapterHost({
    ...{ backend, config, base },
    results: (_, hidden, tokens) => ({ vector: meanPooling(hidden, tokens.attentionMask) }),
  });
  for (const folder of adapters) host.set(folder, await loadAdapter(folder, { config, base }));
  for (let round = 0; round < 2; round++) await host.run(randomTexts(adapters.length, config, "serving"), adapters);
} else {
  const passes: { pass: ForwardPass<TextBatch>; text: TextBatch }[] = [];
  for (const [i] of adapters.entries()) {
    const { config, parameters } = await loadEncoder(model);
    const { inputIds, attentionMask } = randomTexts(adapters.length, config, "serving");
    const own = ({ data }: TextBatch["inputIds"]): TextBatch["inputIds"] => {
      return { data: data.slice(i * TEXT_TOKENS, (i + 1) * TEXT_TOKENS), shape: [1, TEXT_TOKENS] };
    };
    const pass = forwardPass<TextBatch>({
      ...{ backend, store: frozenWeights(parameters) },
      run(all, batch) {
        const tokens = { inputIds: batch.inputIds as Tensor2D, attentionMask: batch.attentionMask as Tensor2D };
        return { vector: meanPooling(encode(scope(all, "bert"), tokens, config), tokens.attentionMask) };
      },
    });
    passes.push({ pass, text: { inputIds: own(inputIds), attentionMask: own(attentionMask) } });
  }
  for (let round = 0; round < 2; round++) for (const { pass, text } of passes) await pass.run(text);
}
const memory: ServingMemory = { started, peak: peakBytes() };
process.stdout.write(JSON.stringify(memory));
