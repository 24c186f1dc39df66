/**
 * Training step and forward pass against PyTorch in fp32, configurations A and B, from the same weights and the same batch.
 *
 * The two never run at the same time: whoever is not measured waits in a read. Each round measures both, and the order alternates.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, forwardPass, frozenWeights, openBackend, ParameterStore, trainingStep } from "@propria/engine";
import type { HostParameters } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, median, type Row, rowOf } from "../../bench-case.ts";
import type { PeerProcess } from "../../peer-process.ts";
import { bothSides, fastest, greet, openTorch, type TorchSetting, torchSettings } from "../../torch-peers.ts";
import {
  batchOf,
  hiddenStates,
  type PretrainingBatch,
  parametersOf,
  pretrainingLoss,
  type Setup,
  setups,
  writeForPeer,
} from "./model.ts";

type Task = "train" | "forward";

interface Measured {
  ms: number[];
  /** The loss of the first step, or the first hidden value: both sides compute the same. */
  first: number;
}

const STEPS: Record<Task, number> = { train: 7, forward: 15 };
const WARM_STEPS = 2;

export const engineCase: BenchCase = {
  name: "engine",
  description: "training step and forward pass, configurations A and B, against PyTorch fp32",
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    const peers = openTorch("engine.py", options);
    try {
      const backend = await openBackend("onnx", { threads: options.threads });
      const peer = await greet(peers, options);
      const rows: Row[] = [];
      for (const setup of setups) rows.push(...(await compare(setup, { backend, peers, peer, folder, options })));
      return rows;
    } finally {
      for (const each of peers) each.close();
      rmSync(folder, { recursive: true });
    }
  },
};

interface Comparison {
  backend: Backend;
  peers: PeerProcess[];
  /** Its name and version. */
  peer: string;
  folder: string;
  options: CaseOptions;
}

async function compare(setup: Setup, { backend, peers, peer, folder, options }: Comparison): Promise<Row[]> {
  const parameters = parametersOf(setup);
  const batch = batchOf(setup);
  const path = writeForPeer(folder, setup, parameters, batch);
  for (const each of peers) await each.ask({ open: path });
  const rows: Row[] = [];
  for (const task of ["train", "forward"] as const) {
    const ours =
      task === "train" ? trainer(backend, setup, parameters, batch) : encoder(backend, setup, parameters, batch);
    const best = await fastest(torchSettings(peers), (setting) => askPeer(setting, task, Math.ceil(STEPS[task] / 2)));
    const pairs: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const [mine, its] = await bothSides(
        round,
        () => ours.measure(),
        () => askPeer(best, task, STEPS[task]),
      );
      if (round === 0) checkSame(mine.first, its.first, `${setup.name} ${task}`);
      pairs.push({ ours: median(mine.ms), theirs: median(its.ms) });
      options.report(
        `${setup.name} ${task}, round ${round + 1}: ${median(mine.ms).toFixed(1)} ms, PyTorch ${median(its.ms).toFixed(1)} ms (${best.label})`,
      );
    }
    await ours.release();
    const name = task === "train" ? `training step ${setup.name}` : `forward pass ${setup.name}`;
    rows.push(rowOf({ name, peer, unit: "ms", better: "lower" }, pairs));
  }
  return rows;
}

const askPeer = ({ peer, attention }: TorchSetting, task: Task, steps: number): Promise<Measured> =>
  peer.ask({ task, attention, warm: WARM_STEPS, steps });

function checkSame(ours: number, theirs: number, what: string): void {
  if (Math.abs(ours - theirs) <= 1e-3 * Math.abs(theirs)) return;
  throw new Error(`${what}: we compute ${ours} and PyTorch ${theirs}, so this compares different things`);
}

function trainer(backend: Backend, setup: Setup, parameters: HostParameters, batch: PretrainingBatch) {
  const store = ParameterStore.create(parameters);
  const step = trainingStep<PretrainingBatch>({
    backend,
    store,
    seed: 1,
    loss: (parameters, batch, { dropout }) => pretrainingLoss(parameters, batch, { config: setup.config, dropout }),
  });
  let count = 0;
  const run = async () => (await step.run(batch, { step: ++count, learningRate: 1e-4 })).loss;
  return { measure: () => measured(run, "train"), release: () => step.release() };
}

function encoder(backend: Backend, setup: Setup, parameters: HostParameters, batch: PretrainingBatch) {
  const tokens = { inputIds: batch.inputIds, attentionMask: batch.attentionMask };
  const pass = forwardPass<typeof tokens>({
    backend,
    store: frozenWeights(parameters),
    run: (parameters, batch) => ({ hidden: hiddenStates(parameters, batch, setup.config) }),
  });
  const run = async () => (await pass.run(tokens)).hidden!.data[0]!;
  return { measure: () => measured(run, "forward"), release: () => pass.release() };
}

async function measured(run: () => Promise<number>, task: Task): Promise<Measured> {
  const first = await run();
  for (let i = 1; i < WARM_STEPS; i++) await run();
  const ms: number[] = [];
  for (let i = 0; i < STEPS[task]; i++) {
    const start = performance.now();
    await run();
    ms.push(performance.now() - start);
  }
  return { ms, first };
}
