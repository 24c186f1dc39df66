import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { withTfBackend } from "../active-backend.ts";
import { type DataType, dataTypeOf, type NdArray } from "../arrays.ts";
import type { Backend, ForwardTask, GradientTask, MaskSource } from "../backend.ts";
import { noGradient, registerGradients, valueAndGradients } from "../gradients.ts";
import type { Weights } from "../parameter-store.ts";
import { type Dropout, noDropout } from "../scope.ts";

/** tfjs' own JavaScript kernels, run op by op: slow, simple, and what the tests compare with. */
export async function openEager(): Promise<Backend> {
  await import("@tensorflow/tfjs-backend-cpu");
  await registerGradients();
  // It would print an advertisement for tfjs-node at its first use.
  Object.assign(tf.findBackend("cpu"), { firstUse: false });
  return { name: "cpu", threads: 1, compileGradients, compileForward };
}

const eager = <T>(work: () => T): T => withTfBackend("cpu", work);

async function compileGradients({ store, inputGradients: wanted = [], accumulate, loss }: GradientTask) {
  const trained: string[] = [];
  return {
    trained,
    run: async (inputs: ReadonlyMap<string, NdArray>, masks: MaskSource) =>
      eager(() => {
        const parameters = asTensors(store);
        const arrays = asInputs(inputs);
        const parts: Record<string, number> = {};
        const total = () => {
          const result = loss(parameters, arrays, eagerDropout(masks));
          for (const [name, part] of Object.entries(result.parts ?? {})) parts[name] = part.dataSync()[0]!;
          return result.loss;
        };
        const { value, gradients } = valueAndGradients(total, [
          ...store.trainable.map((name) => parameters[name]!),
          ...wanted.map((path) => arrays.get(path)!),
        ]);
        trained.length = 0;
        for (const [i, name] of store.trainable.entries()) {
          const gradient = gradients[i]?.dataSync<"float32">();
          if (!gradient) continue;
          if (accumulate) addTo(store.gradient(name), gradient);
          else store.gradient(name).set(gradient);
          trained.push(name);
        }
        if (trained.length === 0 && !accumulate) throw noGradient();
        const found = gradients.slice(store.trainable.length).map((gradient, i) => [wanted[i]!, gradient] as const);
        const inputGradients = new Map(
          found.flatMap(([path, gradient]) => (gradient ? [[path, gradient.dataSync<"float32">().slice()]] : [])),
        );
        return { loss: value.dataSync()[0]!, parts, inputGradients };
      }),
    release: async () => undefined,
  };
}

async function compileForward({ weights, run }: ForwardTask) {
  return {
    run: async (inputs: ReadonlyMap<string, NdArray>, masks?: MaskSource) =>
      eager(() => {
        const results = run(asTensors(weights), asInputs(inputs), masks ? eagerDropout(masks) : noDropout);
        return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, asArray(tensor)]));
      }),
    release: async () => undefined,
  };
}

function addTo(target: Float32Array, values: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += values[i]!;
}

/** Tensors over the weights themselves: tfjs' cpu backend does not copy, and its kernels do not write to their inputs. */
const asTensors = (weights: Weights): Record<string, Tensor> =>
  Object.fromEntries(
    weights.names.map((name) => [name, tf.tensor(weights.weights(name), [...weights.shape(name)], "float32")]),
  );

const asInputs = (inputs: ReadonlyMap<string, NdArray>): Map<string, Tensor> =>
  new Map([...inputs].map(([path, array]) => [path, tf.tensor(array.data, [...array.shape], dataTypeOf(array))]));

function asArray(tensor: Tensor): NdArray {
  const data = tensor.dataSync<DataType>();
  return { data: data.slice(), shape: tensor.shape };
}

function eagerDropout(masks: MaskSource): Dropout {
  let site = 0;
  return {
    mask(shape, rate) {
      if (rate === 0) return undefined;
      const [mask] = masks(site++, [{ shape, rate }]);
      return tf.tensor(mask!.slice(), [...shape], "float32");
    },
  };
}
