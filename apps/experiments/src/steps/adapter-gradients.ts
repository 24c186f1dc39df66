/** How large the gradient is at each module of an adapter before the first step, where the frozen weights above the first layer may fade. */
import { attach } from "@propria/adapters";
import { seeded } from "@propria/base";
import { openCollection } from "@propria/collection";
import { openBackend, ParameterStore, scope, trainingStep } from "@propria/engine";
import { crossEncoderInits, crossEncoderScores, type PairBatch, rankingLoss } from "@propria/rankers";
import { Tokenizer } from "@propria/tokenizer";
import { type HostParameters, loadCheckpoint } from "@propria/transformer-core";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type AdapterSettings, adapterOf } from "./adapted.ts";
import { type PairSettings, pairBatches } from "./pair-batches.ts";
import { type RunStep, runOf } from "./search.ts";

/** A bottleneck, and the L2 norm of the gradient of all its parameters in each batch. */
export type ModuleGradients = {
  /** Of the site: `bert.encoder.layer.0.attention`. */
  path: string;
  kind: "inside" | "aside";
  /** Counted from 0; null of what bypasses all layers. */
  layer: number | null;
  norms: number[];
};

/** All bottlenecks, from the embeddings to the head. */
export type AdapterGradients = { modules: ModuleGradients[] };

/** What is measured. */
export interface GradientSettings extends PairSettings {
  /** Made of bottlenecks. */
  adapter: AdapterSettings;
  /** What its fresh values are multiplied by. */
  scale: number;
  /** What the frozen weights of all layers but the first are multiplied by. */
  share: number;
  /** Draws the pairs, a head where the model has none, and the adapter. */
  seed: number;
}

/** Of a cross-encoder's first batches, without dropout. */
export const adapterGradientsStep = (
  label: string,
  model: FolderStep,
  collection: FolderStep,
  candidates: RunStep,
  settings: GradientSettings,
): Step<AdapterGradients> =>
  defineStep({
    name: `gradients of ${label}`,
    kind: "adapter-gradients",
    version: 1,
    settings: { ...settings },
    inputs: { model, collection, candidates },
    async run(context) {
      const { scale, share, seed } = settings;
      const { config, parameters } = await loadCheckpoint(pathOf(context, model), {
        ...{ heads: crossEncoderInits, fresh: ["classifier", "bert.pooler"], drop: ["cls"] },
        random: seeded(seed, "fresh head"),
      });
      const { adapter, options } = adapterOf(settings.adapter);
      const attachment = attach(adapter, { config, options });
      const own = multiplied(attachment.initialize(seeded(seed, "adapter")), scale, /./);
      const step = trainingStep<PairBatch>({
        backend: await openBackend("onnx", { ...(context.threads !== undefined && { threads: context.threads }) }),
        store: ParameterStore.create(
          { ...multiplied(parameters, share, ABOVE_THE_FIRST), ...own },
          { trainable: (name) => name in own },
        ),
        seed,
        loss(all, batch) {
          const root = scope(all, "", { sites: attachment.sites(all) });
          return { loss: rankingLoss("groupSoftmax", crossEncoderScores(root, batch, config), 2) };
        },
      });
      const modules = new Map<string, ModuleGradients>();
      try {
        const batches = await pairBatches(
          await openCollection(pathOf(context, collection)),
          await runOf(context, candidates),
          await Tokenizer.load(pathOf(context, model)),
          settings,
        );
        for (const [i, batch] of batches.entries()) {
          context.stopIfAsked();
          const { gradients } = await step.gradients(batch, { step: i + 1 });
          for (const [module, norm] of normsOf(gradients)) {
            const known = modules.get(module) ?? moduleCalled(module);
            modules.set(module, known);
            known.norms.push(Number(norm.toPrecision(6)));
          }
          context.onProgress({ done: i + 1, total: batches.length, unit: "batches" });
        }
      } finally {
        await step.release();
      }
      return { modules: [...modules.values()] };
    },
  });

const ABOVE_THE_FIRST = /\.layer\.[1-9]/;

/** The values whose names fit, times a factor. */
const multiplied = (parameters: HostParameters, factor: number, names: RegExp): HostParameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => [
      name,
      { shape, data: names.test(name) ? data.map((value) => value * factor) : data },
    ]),
  );

const PARAMETER = /^adapter\.(.*\.(?:adapter|aside))\.(?:down|up)\.(?:weight|bias)$/;

/** By `SITE.adapter` or `SITE.aside`, the norm over a bottleneck's parameters. */
function normsOf(gradients: Readonly<Record<string, Float32Array>>): Map<string, number> {
  const squares = new Map<string, number>();
  for (const [name, values] of Object.entries(gradients)) {
    const module = PARAMETER.exec(name)?.[1];
    if (module === undefined) throw new Error(`${name} is no parameter of a bottleneck`);
    squares.set(
      module,
      values.reduce((sum, value) => sum + value * value, squares.get(module) ?? 0),
    );
  }
  return new Map([...squares].map(([module, square]) => [module, Math.sqrt(square)]));
}

function moduleCalled(module: string): ModuleGradients {
  const path = module.replace(/\.\w+$/, "");
  const layer = /\.layer\.(\d+)/.exec(path)?.[1];
  const kind = module.endsWith(".aside") ? "aside" : "inside";
  return { path, kind, layer: layer === undefined ? null : Number(layer), norms: [] };
}
