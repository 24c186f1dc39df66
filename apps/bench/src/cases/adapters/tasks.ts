/**
 * Eight tasks, LoRA r=16 each, on one MiniLM in memory: memory against eight whole models; texts a second of mixed batches against those of one adapter, and against PEFT's mixed batches; what swapping an
 * adapter costs while requests run; and what adapters' files weigh beside the model's.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AdapterHost,
  adapterHost,
  attach,
  countParameters,
  type LoadedAdapter,
  loadAdapter,
  namedAdapter,
  saveAdapter,
} from "@propria/adapters";
import { seeded } from "@propria/base";
import { type Backend, openBackend } from "@propria/engine";
import { type EncoderConfig, type HostParameters, meanPooling } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, median, type Row, rowOf, soloRow } from "../../bench-case.ts";
import { runApart } from "../../run-apart.ts";
import { givenModel } from "../../sentence-transformers.ts";
import { bothSides, fastest, greet, openTorch, type TorchSetting, torchSettings } from "../../torch-peers.ts";
import { freshAdapter, loadEncoder, randomTexts, TEXT_TOKENS, type TextBatch } from "./minilm.ts";
import type { AdapterServing, ServingMemory } from "./serving.ts";

const TASKS = 8;
const TEXTS = 256;
const PEER_BATCHES = [8, 32];
const AGREE = 1e-4; // largest difference to PEFT's vectors
const AGREE_ALONE = 1e-5; // likewise to each adapter alone
const SWAPS = 20;

export const adapterTasksCase: BenchCase = {
  name: "adapter-tasks",
  description: "eight tasks on one MiniLM, against eight models and against PEFT's mixed batches; needs --model",
  async run(options: CaseOptions) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    try {
      const tasks = await openTasks(folder, options);
      return [
        ...(await memory(tasks, options)),
        ...(await throughput(tasks, folder, options)),
        ...(await swapping(tasks, options)),
        ...(await fileSizes(tasks, folder, options)),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

interface Tasks {
  backend: Backend;
  config: EncoderConfig;
  base: HostParameters;
  /** Folders of adapters by the task's name. */
  folders: Record<string, string>;
}

/** Adapters that differ, in folders of their own. */
async function openTasks(folder: string, options: CaseOptions): Promise<Tasks> {
  const backend = await openBackend("onnx", { threads: options.threads });
  const { config, parameters: base } = await loadEncoder(givenModel(options));
  const folders: Record<string, string> = {};
  for (let task = 0; task < TASKS; task++) {
    const { attachment, parameters } = freshAdapter("lora@0.5%", config);
    const moved = Object.entries(parameters).map(([name, { shape, data }]) => {
      const random = seeded(task, "task", name);
      return [name, { shape, data: data.map((value) => value + 0.1 * (random() - 0.5)) }];
    });
    folders[`task ${task}`] = join(folder, `task ${task}`);
    await saveAdapter(folders[`task ${task}`]!, { attachment, parameters: Object.fromEntries(moved), base, backend });
  }
  return { backend, config, base, folders };
}

async function memory({ folders }: Tasks, options: CaseOptions): Promise<Row[]> {
  const of = (isShared: boolean) =>
    runApart<ServingMemory>("adapter-serving", {
      ...{ model: givenModel(options), adapters: Object.values(folders), isShared, threads: options.threads },
    } satisfies AdapterServing);
  const pairs: { shared: ServingMemory; apart: ServingMemory }[] = [];
  for (let round = 0; round < options.rounds; round++) pairs.push({ shared: await of(true), apart: await of(false) });
  const row = (name: string, of: (memory: ServingMemory) => number) =>
    rowOf(
      { name, peer: `${TASKS} models`, unit: "MB", better: "lower" },
      pairs.map(({ shared, apart }) => ({ ours: of(shared), theirs: of(apart) })),
    );
  return [
    row(`${TASKS} tasks memory`, ({ peak, started }) => (peak - started) / 1e6),
    row(`${TASKS} tasks process`, ({ peak }) => peak / 1e6),
  ];
}

/** A host with the adapters, as a server would have it. */
async function openHost({ backend, config, base, folders }: Tasks): Promise<AdapterHost> {
  const host = adapterHost({
    ...{ backend, config, base },
    results: (_, hidden, tokens) => ({ vector: meanPooling(hidden, tokens.attentionMask) }),
  });
  for (const [name, folder] of Object.entries(folders)) host.set(name, await loadAdapter(folder, { config, base }));
  return host;
}

/** The vectors of all texts, each asked for by itself. */
async function ask(host: AdapterHost, texts: TextBatch, names: readonly string[]): Promise<Float32Array[]> {
  const rows = names.map((_, i) => {
    const [start, end] = [i * TEXT_TOKENS, (i + 1) * TEXT_TOKENS];
    const length = texts.attentionMask.data.subarray(start, end).filter((is) => is === 1).length;
    return { inputIds: [...texts.inputIds.data.subarray(start, start + length)] };
  });
  const answers = await Promise.all(rows.map((row, i) => host.ask(row, names[i]!)));
  return answers.map(({ vector }) => vector!.data as Float32Array);
}

async function throughput(tasks: Tasks, folder: string, options: CaseOptions): Promise<Row[]> {
  const { size = TEXTS, rounds, report } = options;
  const host = await openHost(tasks);
  const texts = randomTexts(size, tasks.config, "tasks");
  const random = seeded(1, "mixture");
  const all = Object.keys(tasks.folders);
  const mixture = Array.from({ length: size }, () => all[random.int(all.length)]!);
  const single = mixture.map(() => all[0]!);
  const peers = openTorch("adapter.py", options);
  try {
    const peer = await greet(peers, options);
    const path = join(folder, "texts.json");
    const { inputIds, attentionMask } = texts;
    writeFileSync(
      path,
      JSON.stringify({ inputIds: [...inputIds.data], attentionMask: [...attentionMask.data], shape: inputIds.shape }),
    );
    const request = {
      encode: path,
      model: givenModel(options),
      adapters: tasks.folders,
      names: mixture,
      out: join(folder, "vectors.f32"),
    };
    const theirs = ({ peer, attention }: TorchSetting, batch: number) =>
      peer.ask<{ seconds: number }>({ ...request, attention, batch });

    const ours = await ask(host, texts, mixture); // both sides warm: our layouts compiled
    for (const name of all) {
      const alone = await ask(
        host,
        texts,
        mixture.map(() => name),
      );
      check(ours, (i) => (mixture[i] === name ? alone[i]! : undefined), AGREE_ALONE, `${name} alone`);
    }
    const settings = PEER_BATCHES.flatMap((batch) => torchSettings(peers).map((setting) => ({ ...setting, batch })));
    const best = await fastest(settings, async (setting) => {
      await theirs(setting, setting.batch);
      const its = new Float32Array(new Uint8Array(readFileSync(request.out)).buffer);
      const width = its.length / size;
      check(ours, (i) => its.subarray(i * width, (i + 1) * width), AGREE, peer);
      return { ms: [1000 * (await theirs(setting, setting.batch)).seconds] };
    });

    const rate = (names: readonly string[]) => async () => {
      const start = performance.now();
      await ask(host, texts, names);
      return size / ((performance.now() - start) / 1000);
    };
    const pairs: Record<"single" | "peer", { ours: number; theirs: number }[]> = { single: [], peer: [] };
    for (let round = 0; round < rounds; round++) {
      const [mixed, one] = await bothSides(round, rate(mixture), rate(single));
      pairs.single.push({ ours: mixed, theirs: one });
      const [again, its] = await bothSides(
        round,
        rate(mixture),
        async () => size / (await theirs(best, best.batch)).seconds,
      );
      pairs.peer.push({ ours: again, theirs: its });
      report(
        `mixed batches, round ${round + 1}: ${mixed.toFixed(1)} texts/s, one adapter ${one.toFixed(1)}; ${again.toFixed(1)}, PEFT ${its.toFixed(1)} (${best.label}, batches of ${best.batch})`,
      );
    }
    const what = { name: "mixed batches", unit: "texts/s", better: "higher" } as const;
    return [rowOf({ ...what, peer: "one adapter" }, pairs.single), rowOf({ ...what, peer }, pairs.peer)];
  } finally {
    for (const each of peers) each.close();
    await host.release();
  }
}

function check(
  ours: readonly Float32Array[],
  expected: (text: number) => Float32Array | undefined,
  most: number,
  whose: string,
): void {
  for (const [i, vector] of ours.entries()) {
    const other = expected(i);
    const apart = other ? Math.max(...vector.map((value, j) => Math.abs(value - other[j]!))) : 0;
    if (!(apart <= most))
      throw new Error(`text ${i}: vectors differ by ${apart} from those of ${whose}: this compares different things`);
  }
}

/**
 * Requests keep coming for a task while its adapter is swapped again and again. Told are the reading of an adapter's folder, during which batches run; the swap itself; and how much longer than others the
 * request takes that is the first with the new one; medians of the swaps, for the first of all compiles the layout of a batch with both adapters.
 */
async function swapping(tasks: Tasks, { rounds, size, report }: CaseOptions): Promise<Row[]> {
  const { config, base, folders } = tasks;
  const host = await openHost(tasks);
  const [name, ...others] = Object.keys(folders);
  const row = { inputIds: [...randomTexts(1, config, "swap").inputIds.data] };
  const request = async () => {
    const start = performance.now();
    await host.ask(row, name!);
    return performance.now() - start;
  };
  for (let i = 0; i < 3; i++) await request();
  const found: Record<"load" | "swap" | "after", number[]> = { load: [], swap: [], after: [] };
  for (let round = 0; round < rounds; round++) {
    const times: Record<"load" | "swap" | "before" | "after", number[]> = { load: [], swap: [], before: [], after: [] };
    let isOn = true;
    let answered = 0;
    const traffic = (async () => {
      for (; isOn; answered++) await host.ask(row, name!);
    })();
    for (let i = 0; i < Math.min(SWAPS, size ?? SWAPS); i++) {
      times.before.push(await request());
      let start = performance.now();
      const loaded: LoadedAdapter = await loadAdapter(folders[others[i % others.length]!]!, { config, base });
      times.load.push(performance.now() - start);
      start = performance.now();
      host.set(name!, loaded);
      times.swap.push(performance.now() - start);
      times.after.push(await request());
    }
    isOn = false;
    await traffic; // a request that failed would end the case here
    found.load.push(median(times.load));
    found.swap.push(median(times.swap));
    found.after.push(median(times.after) - median(times.before));
    report(`swaps, round ${round + 1}: ${answered} requests answered meanwhile, none failed`);
  }
  await host.release();
  return [
    soloRow({ name: "adapter load", unit: "ms" }, found.load),
    soloRow({ name: "adapter swap", unit: "ms" }, found.swap),
    soloRow({ name: "first after a swap", unit: "ms" }, found.after),
  ];
}

/** In per cent of the model's file: the thesis' settings, which have 0.5 % of BERT-base, and as large ones as have 0.5 % of this model. */
async function fileSizes({ backend, config, base }: Tasks, folder: string, options: CaseOptions): Promise<Row[]> {
  const model = statSync(join(givenModel(options), "model.safetensors")).size;
  const rows: Row[] = [];
  for (const name of ["lora@0.5%", "iaa-l@0.5%"]) {
    const { adapter, options: printed } = namedAdapter(name);
    for (const options of [printed, withinBudget(name, config)]) {
      const attachment = attach(adapter, { config, options });
      const out = join(folder, `file ${rows.length}`);
      await saveAdapter(out, { attachment, parameters: attachment.initialize(seeded(1)), base, backend });
      const bytes = ["adapter_model.safetensors", "adapter_config.json"].reduce(
        (sum, file) => sum + statSync(join(out, file)).size,
        0,
      );
      const sizes = Object.values(options as Record<string, number>).join("+");
      rows.push(soloRow({ name: `${adapter.name} r=${sizes} file`, unit: "%" }, [(100 * bytes) / model]));
    }
  }
  return rows;
}

const BUDGET = 0.5; // per cent of the model's weights, biases not counted

/** The setting with all sizes made smaller alike, until it is within the budget on this model's shape. */
function withinBudget(name: string, config: EncoderConfig): Record<string, number> {
  const { adapter, options } = namedAdapter(name);
  const sizes = Object.entries(options as Record<string, number>);
  for (let share = 1; ; share -= 1 / 64) {
    const smaller = Object.fromEntries(sizes.map(([option, size]) => [option, Math.max(1, Math.floor(size * share))]));
    if (countParameters(config, adapter, { options: smaller }).percent <= BUDGET) return smaller;
  }
}
