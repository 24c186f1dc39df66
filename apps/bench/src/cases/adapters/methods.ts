/**
 * The training step of each method at the thesis' 0.5 %, against our own step that trains all of MiniLM: time, dropout on, and memory, each in a process of its own.
 *
 * Memory is the most that the process ever held, as the operating system counts it (VmHWM), less what it held before there was a step: Node, onnxruntime and the model as it was read. So the weights that a step
 * works on, gradients, moments, activations, masks, compiled graph and garbage are all in it. The whole process is a row of its own.
 */
import { thesisSettings } from "@propria/adapters";
import { openBackend } from "@propria/engine";
import { type BenchCase, type CaseOptions, median, type Row, rowOf } from "../../bench-case.ts";
import { runApart } from "../../run-apart.ts";
import { givenModel } from "../../sentence-transformers.ts";
import { bothSides } from "../../torch-peers.ts";
import { contrastStep, freshAdapter, loadEncoder, randomTexts, STEP_TEXTS } from "./minilm.ts";
import { measured } from "./step.ts";
import type { AdapterTraining, TrainingMemory } from "./training.ts";

const WARM_STEPS = 2;
const STEPS = 5;
const LEARNING_RATE = 1e-4;
const PEER = "full step";

/** BitFit has one size. */
const methods = thesisSettings.map(({ name }) => name).filter((name) => /bitfit|@0\.5%/.test(name));

export const adapterMethodsCase: BenchCase = {
  name: "adapter-methods",
  description:
    "time and memory of a training step of each adapter at 0.5 %, against a step of all of MiniLM; needs --model",
  async run(options: CaseOptions) {
    const { threads, size: texts = STEP_TEXTS } = options;
    const model = givenModel(options);
    const full = await stepper(undefined, options);
    const memoryOf = (adapter?: string) =>
      runApart<TrainingMemory>("adapter-training", {
        ...{ model, adapter, texts, threads },
        steps: WARM_STEPS + 1,
      } satisfies AdapterTraining);
    const fullMemory: TrainingMemory[] = [];
    for (let round = 0; round < options.rounds; round++) fullMemory.push(await memoryOf());
    const rows: Row[] = [];
    for (const name of methods)
      rows.push(await times(name, full, options), ...(await memories(name, { memoryOf, fullMemory }, options)));
    await full.release();
    return rows;
  },
};

/** A step of an adapter, or of all weights, compiled and warm. */
async function stepper(name: string | undefined, options: CaseOptions) {
  const { threads, size = STEP_TEXTS } = options;
  const backend = await openBackend("onnx", { threads });
  const { config, parameters: base } = await loadEncoder(givenModel(options));
  const adapter = name === undefined ? undefined : freshAdapter(name, config);
  const step = contrastStep({ backend, config, base, adapter });
  const batch = randomTexts(size, config, "step");
  let count = 0;
  const run = () => step.run(batch, { step: ++count, learningRate: LEARNING_RATE });
  for (let i = 0; i < WARM_STEPS; i++) await run();
  return { measure: async () => median(await measured(run, STEPS)), release: () => step.release() };
}

async function times(name: string, full: Awaited<ReturnType<typeof stepper>>, options: CaseOptions): Promise<Row> {
  const own = await stepper(name, options);
  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const [ours, theirs] = await bothSides(round, own.measure, full.measure);
    pairs.push({ ours, theirs });
    options.report(`${name}, round ${round + 1}: ${ours.toFixed(1)} ms, ${PEER} ${theirs.toFixed(1)} ms`);
  }
  await own.release();
  return rowOf({ name: `${name} step`, peer: PEER, unit: "ms", better: "lower" }, pairs);
}

async function memories(
  name: string,
  {
    memoryOf,
    fullMemory,
  }: { memoryOf(adapter: string): Promise<TrainingMemory>; fullMemory: readonly TrainingMemory[] },
  { report }: CaseOptions,
): Promise<Row[]> {
  const ofStep = ({ peak, loaded }: TrainingMemory) => (peak - loaded) / 1e6;
  const ofProcess = ({ peak }: TrainingMemory) => peak / 1e6;
  const pairs: { own: TrainingMemory; full: TrainingMemory }[] = [];
  for (const full of fullMemory) pairs.push({ own: await memoryOf(name), full });
  const row = (what: string, of: (memory: TrainingMemory) => number) =>
    rowOf(
      { name: `${name} ${what}`, peer: PEER, unit: "MB", better: "lower" },
      pairs.map(({ own, full }) => ({ ours: of(own), theirs: of(full) })),
    );
  const rows = [row("memory", ofStep), row("process", ofProcess)];
  report(`${name}: ${rows.map(({ ours, theirs }) => `${ours} MB of ${theirs}`).join(", the process ")}`);
  return rows;
}
