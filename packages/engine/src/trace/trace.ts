import type { Tensor } from "@tensorflow/tfjs-core";
import { withTfBackend } from "../active-backend.ts";
import { type ArraySpec, sizeOf } from "../arrays.ts";
import type { DropoutSite, ForwardTask, GradientTask } from "../backend.ts";
import { noGradient, valueAndGradients } from "../gradients.ts";
import type { Weights } from "../parameter-store.ts";
import type { Dropout, Parameters } from "../scope.ts";
import { registerTracing, TRACING, type TraceBackend } from "./backend.ts";
import { accumulate } from "./build/accumulate.ts";
import { reshape } from "./build/layout.ts";
import { withoutRows } from "./build/rows.ts";
import { Graph, type Value } from "./graph.ts";

/** Names of graph inputs: what a parameter and an array of the batch are called may be the same. */
export const inputName = {
  parameter: (name: string) => `parameter ${name}`,
  array: (path: string) => `batch ${path}`,
  mask: (site: number) => `mask ${site}`,
  accumulated: (name: string) => `accumulated ${name}`,
};

/** Rows that leave the graph and are added to a parameter's gradient. */
export interface TracedRows {
  /** float32 `[N, width]`. */
  rows: Value;
  /** int32 `[N]`. */
  indices: Value;
}

/** The gradient of one parameter: a dense part, if there is one, plus rows. */
export interface TracedGradient {
  name: string;
  dense: Value | undefined;
  additions: TracedRows[];
}

/** A traced loss. */
export interface TracedLoss {
  loss: Value;
  parts: ReadonlyMap<string, Value>;
  gradients: TracedGradient[];
  /** Gradients of the inputs asked for, by path. */
  inputGradients: ReadonlyMap<string, Value>;
  sites: DropoutSite[];
}

/** A traced pass without gradients. */
export interface TracedForward {
  results: Map<string, Value>;
  sites: DropoutSite[];
}

/** Records a loss and the gradients of the trainable parameters that it depends on. */
export function traceLoss(task: GradientTask): TracedLoss {
  const { inputs, store, inputGradients: wanted = [], loss } = task;
  return tracing((backend) => {
    const parameters = asParameters(backend, store);
    const arrays = asInputs(backend, inputs);
    const dropout = tracedDropout(backend);
    const parts = new Map<string, Value>();
    const { value, gradients } = valueAndGradients(() => {
      const result = loss(parameters, arrays, dropout);
      for (const [name, part] of Object.entries(result.parts ?? {})) parts.set(name, reshape(backend.value(part), []));
      return result.loss;
    }, [...store.trainable.map((name) => parameters[name]!), ...wanted.map((path) => arrays.get(path)!)]);
    const asked = wanted.map((path, i) => [path, gradients[store.trainable.length + i]] as const);
    const found = store.trainable.flatMap((name, i) => {
      const gradient = gradients[i];
      return gradient ? [asGradient(name, backend.value(gradient))] : [];
    });
    if (found.length === 0 && !task.accumulate) throw noGradient();
    return {
      loss: reshape(backend.value(value), []),
      parts,
      gradients: task.accumulate ? found.map(accumulating) : found,
      inputGradients: new Map(asked.flatMap(([path, gradient]) => (gradient ? [[path, backend.value(gradient)]] : []))),
      sites: dropout.sites,
    };
  });
}

/** Records a pass without gradients. */
export function traceForward({ inputs, weights, run }: ForwardTask): TracedForward {
  return tracing((backend) => {
    const dropout = tracedDropout(backend);
    const results = run(asParameters(backend, weights), asInputs(backend, inputs), dropout);
    const values = Object.entries(results).map(([name, tensor]) => [name, backend.value(tensor)] as const);
    return { results: new Map(values), sites: dropout.sites };
  });
}

function tracing<T>(work: (backend: TraceBackend) => T): T {
  const backend = registerTracing();
  return withTfBackend(TRACING, () => {
    backend.graph = new Graph();
    try {
      return work(backend);
    } finally {
      backend.graph = undefined;
    }
  });
}

function asParameters(backend: TraceBackend, weights: Weights): Parameters {
  const parameter = (name: string): Tensor => {
    const type = { shape: weights.shape(name), dtype: "float32" as const };
    return backend.tensor(backend.graph!.input(inputName.parameter(name), type));
  };
  return Object.fromEntries(weights.names.map((name) => [name, parameter(name)]));
}

const asInputs = (backend: TraceBackend, inputs: ReadonlyMap<string, ArraySpec>): Map<string, Tensor> =>
  new Map([...inputs].map(([path, spec]) => [path, backend.tensor(backend.graph!.input(inputName.array(path), spec))]));

function tracedDropout(backend: TraceBackend): Dropout & { sites: DropoutSite[] } {
  const sites: DropoutSite[] = [];
  return {
    sites,
    mask(shape, rate) {
      if (rate === 0) return undefined;
      const name = inputName.mask(sites.length);
      sites.push({ shape, rate });
      return backend.tensor(backend.graph!.input(name, { shape, dtype: "float32" }));
    },
  };
}

function asGradient(name: string, gradient: Value): TracedGradient {
  const { dense, additions } = withoutRows(gradient);
  return {
    name,
    dense,
    additions: additions.map(({ rows, indices }) => {
      const count = sizeOf(indices.shape);
      return { rows: reshape(rows, [count, sizeOf(rows.shape) / count]), indices: reshape(indices, [count]) };
    }),
  };
}

/** The gradient with what was there before, which comes in as an input, added to its dense part. Rows are added in place as they are. */
function accumulating({ name, dense, additions }: TracedGradient): TracedGradient {
  if (!dense) return { name, dense, additions };
  return { name, dense: accumulate(dense.graph.input(inputName.accumulated(name), dense), dense), additions };
}
