/** A program: trains MiniLM or an adapter of it for a few steps, as its argument says, and prints what memory that took. */
import { openBackend } from "@propria/engine";
import { heldBytes, peakBytes } from "../../memory.ts";
import { contrastStep, freshAdapter, loadEncoder, randomTexts } from "./minilm.ts";

/** Its argument, as JSON. */
export interface AdapterTraining {
  model: string;
  /** Its name; without one all weights are trained. */
  adapter: string | undefined;
  texts: number;
  steps: number;
  threads: number;
}

/** What it prints, in bytes. */
export interface TrainingMemory {
  /** Before there is a step: Node, onnxruntime and the model as it was read. */
  loaded: number;
  /** The most that the process ever held. */
  peak: number;
}

const { model, adapter: name, texts, steps, threads } = JSON.parse(process.argv[2]!) as AdapterTraining;
const backend = await openBackend("onnx", { threads });
const { config, parameters: base } = await loadEncoder(model);
const loaded = heldBytes();
const adapter = name === undefined ? undefined : freshAdapter(name, config);
const step = contrastStep({ backend, config, base, adapter });
const batch = randomTexts(texts, config, "step");
for (let i = 1; i <= steps; i++) await step.run(batch, { step: i, learningRate: 1e-4 });
const memory: TrainingMemory = { loaded, peak: peakBytes() };
process.stdout.write(JSON.stringify(memory));
