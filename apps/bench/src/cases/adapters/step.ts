/** The training step of LoRA on MiniLM against PEFT over PyTorch: same texts, same targets, same weights at the start, no dropout; the losses of the first steps are compared. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saveAdapter } from "@propria/adapters";
import { openBackend } from "@propria/engine";
import { type BenchCase, type CaseOptions, median, rowOf } from "../../bench-case.ts";
import { givenModel } from "../../sentence-transformers.ts";
import { bothSides, fastest, greet, openTorch, type TorchSetting, torchSettings } from "../../torch-peers.ts";
import { contrastStep, freshAdapter, loadEncoder, randomTexts, STEP_TEXTS } from "./minilm.ts";

const RANK = 16;
const LEARNING_RATE = 1e-3;
const WARM_STEPS = 3; // these losses are compared
const STEPS = 7;
const AGREE = 1e-3; // largest difference of two losses
const MOVED = 1e-2; // least that the loss must have moved in the first steps: else gradients were not compared

interface Measured {
  ms: number[];
  losses: number[];
}

export const adapterStepCase: BenchCase = {
  name: "adapter-step",
  description: "training step of LoRA r=16 on MiniLM, against PEFT; needs --model",
  async run(options: CaseOptions) {
    const { threads, rounds, size = STEP_TEXTS, report } = options;
    const model = givenModel(options);
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    const peers = openTorch("adapter.py", options);
    try {
      const peer = await greet(peers, options);
      const backend = await openBackend("onnx", { threads });
      const loaded = await loadEncoder(model);
      const config = { ...loaded.config, dropout: 0, attentionDropout: 0 };
      const adapter = freshAdapter("lora", config, { rank: RANK, dropout: 0 });
      await saveAdapter(join(folder, "lora"), { ...adapter, base: loaded.parameters, backend });
      const batch = randomTexts(size, config, "step");
      const texts = join(folder, "texts.json");
      writeFileSync(
        texts,
        JSON.stringify({
          inputIds: [...batch.inputIds.data],
          attentionMask: [...batch.attentionMask.data],
          shape: batch.inputIds.shape,
        }),
      );

      const step = contrastStep({ backend, config, base: loaded.parameters, adapter });
      let count = 0;
      const run = async () => (await step.run(batch, { step: ++count, learningRate: LEARNING_RATE })).loss;
      const first: number[] = [];
      while (count < WARM_STEPS) first.push(await run());
      const ours = () => measured(run, STEPS);
      const theirs = ({ peer, attention }: TorchSetting, steps: number) =>
        peer.ask<Measured>({
          train: texts,
          model,
          adapter: join(folder, "lora"),
          attention,
          learningRate: LEARNING_RATE,
          warm: WARM_STEPS,
          steps,
        });
      const best = await fastest(torchSettings(peers), async (setting) => {
        const found = await theirs(setting, Math.ceil(STEPS / 2));
        checkLosses(first, found.losses, setting.label);
        return found;
      });
      const pairs: { ours: number; theirs: number }[] = [];
      for (let round = 0; round < rounds; round++) {
        const [mine, its] = await bothSides(round, ours, async () => (await theirs(best, STEPS)).ms);
        pairs.push({ ours: median(mine), theirs: median(its) });
        report(
          `LoRA step, round ${round + 1}: ${median(mine).toFixed(1)} ms, PEFT ${median(its).toFixed(1)} ms (${best.label})`,
        );
      }
      await step.release();
      return [rowOf({ name: `LoRA step r=${RANK}`, peer, unit: "ms", better: "lower" }, pairs)];
    } finally {
      for (const each of peers) each.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** The time of each of some runs, in ms. */
export async function measured(run: () => Promise<unknown>, count: number): Promise<number[]> {
  const ms: number[] = [];
  while (ms.length < count) {
    const start = performance.now();
    await run();
    ms.push(performance.now() - start);
  }
  return ms;
}

function checkLosses(ours: readonly number[], theirs: readonly number[], setting: string): void {
  const apart = Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]!)));
  if (!(apart <= AGREE))
    throw new Error(
      `losses of the first steps: ${ours} here and ${theirs} there (${setting}): this compares different things`,
    );
  if (Math.abs(ours.at(-1)! - ours[0]!) < MOVED)
    throw new Error(`the loss stays at ${ours}: nothing is learnt, so nothing is compared`);
}
