import { seeded } from "@propria/base";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import {
  type Backend,
  type Batch,
  type Dropout,
  type NdArray,
  openBackend,
  ParameterStore,
  type Parameters,
  trainingStep,
} from "../src/index.ts";

/** An op under test, as a function of named float inputs (which get gradients) and named arrays (which do not). */
export type Op = (inputs: Parameters, arrays: Record<string, Tensor>, dropout: Dropout) => Tensor;

/** Normal-ish numbers, the same for the same name. */
export function floats(name: string, ...shape: number[]): NdArray {
  const random = seeded(5, name);
  const length = shape.reduce((size, each) => size * each, 1);
  return { data: Float32Array.from({ length }, () => (random() + random() + random() - 1.5) * 2), shape };
}

/** Integers below a bound, the same for the same name. */
export function integers(name: string, below: number, ...shape: number[]): NdArray {
  const random = seeded(5, name);
  const length = shape.reduce((size, each) => size * each, 1);
  return { data: Int32Array.from({ length }, () => random.int(below)), shape };
}

/** The tests of an op with a plain composition: equal in value and gradients on both backends, and equal to finite differences. */
export function checkOp(
  inputs: Record<string, NdArray>,
  { op, plain, arrays = {} }: { op: Op; plain: Op; arrays?: Record<string, NdArray> },
): void {
  it("has the value and the gradients of its plain composition, on both backends", async () => {
    const reference = await evaluate("cpu", inputs, arrays, plain);
    for (const backend of ["cpu", "onnx"] as const)
      for (const form of [op, plain]) expectClose(await evaluate(backend, inputs, arrays, form), reference);
  });

  it.each(["cpu", "onnx"] as const)("has the gradients that finite differences give, on %s", async (backend) => {
    await checkDifferences(backend, inputs, arrays, op);
  });
}

/** Central differences at up to 12 places of each input: a float32 loss leaves them about three digits. */
export async function checkDifferences(
  backend: "cpu" | "onnx",
  inputs: Record<string, NdArray>,
  arrays: Record<string, NdArray>,
  op: Op,
): Promise<void> {
  const { gradients } = await evaluate(backend, inputs, arrays, op);
  for (const [name, array] of Object.entries(inputs)) {
    const largest = Math.max(...gradients[name]!.map(Math.abs));
    for (let i = 0; i < array.data.length; i += Math.ceil(array.data.length / 12)) {
      const at = async (shift: number) => {
        const data = Float32Array.from(array.data);
        data[i]! += shift;
        return (await evaluate(backend, { ...inputs, [name]: { ...array, data } }, arrays, op)).loss;
      };
      const difference = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
      expect(Math.abs(difference - gradients[name]![i]!), `${name}[${i}]`).toBeLessThan(3e-3 * Math.max(1, largest));
    }
  }
}

const STEP = 1e-2;

interface Evaluated {
  loss: number;
  gradients: Record<string, Float32Array>;
}

const backends = new Map<string, Promise<Backend>>();

/** The sum of the result times fixed weights, so that every element of it matters differently. */
export async function evaluate(
  name: "cpu" | "onnx",
  inputs: Record<string, NdArray>,
  arrays: Record<string, NdArray>,
  op: Op,
): Promise<Evaluated> {
  if (!backends.has(name)) backends.set(name, openBackend(name));
  const step = trainingStep<Batch>({
    backend: await backends.get(name)!,
    store: ParameterStore.create(inputs),
    seed: 1,
    loss: (parameters, batch, { dropout }) => {
      const result = op(parameters, batch as Record<string, Tensor>, dropout);
      const weights = tf.tensor(floats("weights", ...result.shape).data, result.shape, "float32");
      return { loss: tf.sum(tf.mul(result, weights)) as Scalar };
    },
  });
  const evaluated = await step.gradients(arrays, { step: 1 });
  await step.release();
  return evaluated;
}

/** Within 1e-5 of each tensor's largest element. */
export function expectClose(ours: Evaluated, reference: Evaluated): void {
  expect(Math.abs(ours.loss - reference.loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(reference.loss)));
  expect(Object.keys(ours.gradients).sort()).toEqual(Object.keys(reference.gradients).sort());
  for (const [name, expected] of Object.entries(reference.gradients)) {
    const largest = Math.max(...expected.map(Math.abs));
    const error = Math.max(...expected.map((each, i) => Math.abs(each - ours.gradients[name]![i]!)));
    expect(error, name).toBeLessThan(1e-5 * Math.max(1e-2, largest));
  }
}
