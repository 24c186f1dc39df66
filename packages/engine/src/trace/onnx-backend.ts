import type { NdArray } from "../arrays.ts";
import { dataTypeOf } from "../arrays.ts";
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
import type { Weights } from "../parameter-store.ts";
import { type Emitted, emit } from "./emit.ts";
import type { Value } from "./graph.ts";
import { rowAdditions } from "./row-additions.ts";
import { createSession, feed, fetched, loadOnnxRuntime, type OnnxRuntime, threadCount } from "./session.ts";
import { inputName, traceForward, traceLoss } from "./trace.ts";

/** Step functions traced to ONNX graphs, run by onnxruntime on the processor. */
export async function openOnnx({ threads: asked }: BackendOptions): Promise<Backend> {
  const runtime = await loadOnnxRuntime();
  await registerGradients();
  const threads = threadCount(asked);
  return {
    name: "onnx",
    threads,
    compileGradients: (task) => compileGradients(runtime, threads, task),
    compileForward: (task) => compileForward(runtime, threads, task),
  };
}

async function compileGradients(runtime: OnnxRuntime, threads: number, task: GradientTask): Promise<GradientProgram> {
  const { store } = task;
  const traced = traceLoss(task);
  const additions = rowAdditions(traced.gradients, store);
  const outputs = new Map<string, Value>([["loss", traced.loss]]);
  for (const [name, part] of traced.parts) outputs.set(`part ${name}`, part);
  for (const { name, dense } of traced.gradients) if (dense) outputs.set(`gradient ${name}`, dense);
  for (const [name, value] of additions.outputs) outputs.set(name, value);

  const emitted = emit(outputs);
  const session = await createSession(runtime, emitted.model, threads);
  const parameters = parameterFeeds(runtime, emitted, store);

  // Scalars and rows are written to arrays of the program's own, dense gradients to the store, all in place.
  const buffers = new Map<string, NdArray["data"]>(additions.buffers);
  for (const { name, dense } of traced.gradients) if (dense) buffers.set(`gradient ${name}`, store.gradient(name));
  for (const name of outputs.keys()) if (!buffers.has(name)) buffers.set(name, new Float32Array(1));
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
      return { loss: buffers.get("loss")![0]!, parts: Object.fromEntries(parts) };
    },
    release: () => session.release(),
  };
}

async function compileForward(runtime: OnnxRuntime, threads: number, task: ForwardTask): Promise<ForwardProgram> {
  const emitted = emit(traceForward(task));
  const session = await createSession(runtime, emitted.model, threads);
  const parameters = parameterFeeds(runtime, emitted, task.weights);
  return {
    async run(inputs) {
      const results = await session.run({ ...parameters, ...arrayFeeds(runtime, emitted, inputs) });
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
  masks: MaskSource,
): Feeds {
  const feeds: Feeds = {};
  if (sites.length === 0) return feeds;
  for (const [site, mask] of masks(0, sites).entries()) {
    const name = inputName.mask(site);
    if (inputs.has(name)) feeds[name] = feed(runtime, mask, { shape: sites[site]!.shape, dtype: "float32" });
  }
  return feeds;
}
