import type { NdArray } from "../arrays.ts";
import { dataTypeOf, sizeOf } from "../arrays.ts";
import type {
  Backend,
  BackendOptions,
  ForwardProgram,
  ForwardTask,
  GradientProgram,
  GradientTask,
  MaskSource,
} from "../backend.ts";
import { registerGradients } from "../gradients.ts";
import type { ParameterStore, Weights } from "../parameter-store.ts";
import { type Emitted, emit } from "./emit.ts";
import type { Value } from "./graph.ts";
import { rowAdditions } from "./row-additions.ts";
import {
  createSession,
  feed,
  fetched,
  loadOnnxRuntime,
  type OnnxRuntime,
  type SessionSettings,
  sessionSettings,
} from "./session.ts";
import { inputName, traceForward, traceLoss } from "./trace.ts";

/** Step functions traced to ONNX graphs, run by onnxruntime on the processor. */
export async function openOnnx(options: BackendOptions): Promise<Backend> {
  const runtime = await loadOnnxRuntime();
  await registerGradients();
  const settings = sessionSettings(options);
  return {
    name: "onnx",
    threads: settings.threads,
    compileGradients: (task) => compileGradients(runtime, settings, task),
    compileForward: (task) => compileForward(runtime, settings, task),
  };
}

async function compileGradients(
  runtime: OnnxRuntime,
  settings: SessionSettings,
  task: GradientTask,
): Promise<GradientProgram> {
  const { store } = task;
  const traced = traceLoss(task);
  const additions = rowAdditions(traced.gradients, store, task);
  const outputs = new Map<string, Value>([["loss", traced.loss]]);
  for (const [name, part] of traced.parts) outputs.set(`part ${name}`, part);
  for (const { name, dense } of traced.gradients) if (dense) outputs.set(`gradient ${name}`, dense);
  for (const [path, value] of traced.inputGradients) outputs.set(`input gradient ${path}`, value);
  for (const [name, value] of additions.outputs) outputs.set(name, value);

  const emitted = emit(outputs);
  const session = await createSession(runtime, emitted.model, settings);
  const parameters = { ...parameterFeeds(runtime, emitted, store), ...accumulatedFeeds(runtime, emitted, store) };

  // Scalars, rows and gradients of inputs are written to arrays of the program's own, dense gradients to the store, all in place.
  const buffers = new Map<string, NdArray["data"]>(additions.buffers);
  for (const { name, dense } of traced.gradients) if (dense) buffers.set(`gradient ${name}`, store.gradient(name));
  for (const [name, { shape }] of outputs) if (!buffers.has(name)) buffers.set(name, new Float32Array(sizeOf(shape)));
  const fetches = Object.fromEntries(
    [...outputs].map(([name, value]) => [name, feed(runtime, buffers.get(name)!, value)]),
  );

  return {
    trained: traced.gradients.map(({ name }) => name),
    async run(inputs, masks) {
      const feeds = {
        ...parameters,
        ...arrayFeeds(runtime, emitted, inputs),
        ...maskFeeds(runtime, emitted, traced.sites, masks),
      };
      await session.run(feeds, fetches);
      additions.apply();
      const parts = [...traced.parts.keys()].map((name) => [name, buffers.get(`part ${name}`)![0]!]);
      const asked = [...traced.inputGradients.keys()].map(
        (path) => [path, buffers.get(`input gradient ${path}`) as Float32Array] as const,
      );
      return { loss: buffers.get("loss")![0]!, parts: Object.fromEntries(parts), inputGradients: new Map(asked) };
    },
    release: () => session.release(),
  };
}

async function compileForward(
  runtime: OnnxRuntime,
  settings: SessionSettings,
  task: ForwardTask,
): Promise<ForwardProgram> {
  const { results: outputs, sites } = traceForward(task);
  if (outputs.size === 0) return { run: async () => ({}), release: async () => undefined }; // onnxruntime takes no empty graph
  const emitted = emit(outputs);
  const session = await createSession(runtime, emitted.model, settings);
  const parameters = parameterFeeds(runtime, emitted, task.weights);
  return {
    async run(inputs, masks) {
      const results = await session.run({
        ...parameters,
        ...arrayFeeds(runtime, emitted, inputs),
        ...maskFeeds(runtime, emitted, sites, masks),
      });
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fetched(tensor)]));
    },
    release: () => session.release(),
  };
}

type Feeds = Record<string, ReturnType<typeof feed>>;

/** The weights themselves: onnxruntime reads them where they are, so they are fed once and for all. */
function parameterFeeds(runtime: OnnxRuntime, { inputs }: Emitted, weights: Weights): Feeds {
  const feeds: Feeds = {};
  for (const name of weights.names) {
    const input = inputs.get(inputName.parameter(name));
    if (input) feeds[inputName.parameter(name)] = feed(runtime, weights.weights(name), input);
  }
  return feeds;
}

/** The gradients as they are, for a program that adds to them: what it reads here it overwrites with the sum. */
function accumulatedFeeds(runtime: OnnxRuntime, { inputs }: Emitted, store: ParameterStore): Feeds {
  const feeds: Feeds = {};
  for (const name of store.trainable) {
    const input = inputs.get(inputName.accumulated(name));
    if (input) feeds[inputName.accumulated(name)] = feed(runtime, store.gradient(name), input);
  }
  return feeds;
}

function arrayFeeds(runtime: OnnxRuntime, { inputs }: Emitted, arrays: ReadonlyMap<string, NdArray>): Feeds {
  const feeds: Feeds = {};
  for (const [path, array] of arrays) {
    const name = inputName.array(path);
    if (inputs.has(name)) feeds[name] = feed(runtime, array.data, { shape: array.shape, dtype: dataTypeOf(array) });
  }
  return feeds;
}

function maskFeeds(
  runtime: OnnxRuntime,
  { inputs }: Emitted,
  sites: readonly { shape: readonly number[]; rate: number }[],
  masks: MaskSource | undefined,
): Feeds {
  const feeds: Feeds = {};
  if (sites.length === 0) return feeds;
  if (!masks) throw new Error("a pass that drops out is run without masks");
  for (const [site, mask] of masks(0, sites).entries()) {
    const name = inputName.mask(site);
    if (inputs.has(name)) feeds[name] = feed(runtime, mask, { shape: sites[site]!.shape, dtype: "float32" });
  }
  return feeds;
}
