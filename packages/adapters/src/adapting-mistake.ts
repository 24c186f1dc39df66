import { isPropriaError, PropriaError } from "@propria/base";
import { type Backend, forwardPass, type NdArray, type ParameterStore, type Sites, scope } from "@propria/engine";
import { encode } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapting } from "./adapting.ts";

/** What tfjs says of an operation's gradient, after the answers were given. */
const GRADIENT = /gradient function not found for|^Error in gradient for op/;

/**
 * An error that ended a training, told as the adapter's where it is about it: a loss or a gradient that is no number, with the site that it comes from, and, of an adapter in a file
 * of one's own, an operation without gradient. Another one stays as it is.
 *
 * @param store As the failed step left it: the weights before it, and its gradients.
 */
export async function adaptingMistake(
  error: unknown,
  { attachment, described: { name, file } }: Adapting,
  store: ParameterStore,
  backend: Backend,
): Promise<unknown> {
  if (!isPropriaError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    if (!file || !GRADIENT.test(message)) return error;
    return new PropriaError("ADAPTER_ANSWER", `${name}: ${message}`, {
      ...{ at: file.path, cause: error },
      mend: "compose answers of operations that have a gradient, and look at their shapes",
    });
  }
  if (error.code !== "NOT_FINITE") return error;
  const site = (await notFiniteAnswer(attachment, store, backend)) ?? notFiniteGradient(attachment, store);
  if (site === undefined) return error;
  return new PropriaError("NOT_FINITE", `${name}: ${site} is no number`, {
    ...{ at: [file?.path, error.at].filter(Boolean).join(", "), cause: error },
    mend: "lower the learning rate; in an adapter of your own, look for a division by 0, or a logarithm or a root of 0",
  });
}

type Tokens = Record<"inputIds" | "attentionMask", NdArray<[number, number]>>;

/** The first site whose answer to numbers is none, of any text. */
async function notFiniteAnswer(
  { config, sites }: Adapting["attachment"],
  store: ParameterStore,
  backend: Backend,
): Promise<string | undefined> {
  const width = Math.min(8, config.maxPositions);
  const array = (data: Int32Array): NdArray<[number, number]> => ({ data, shape: [1, width] });
  const pass = forwardPass<Tokens>({
    ...{ backend, store },
    run(parameters, batch) {
      const sums: Record<string, Tensor> = {};
      encode(scope(parameters, "bert", { sites: watched(sites(parameters), sums) }), batch, config);
      return sums;
    },
  });
  const found = await pass.run({
    inputIds: array(Int32Array.from({ length: width }, (_, i) => Math.floor((i * config.vocabSize) / width))),
    attentionMask: array(new Int32Array(width).fill(1)),
  });
  await pass.release();
  const isNumber = (name: string) => Number.isFinite(found[name]!.data[0]);
  return Object.keys(found).find(
    (name) => name.endsWith(ANSWER) && isNumber(name.replace(ANSWER, "")) && !isNumber(name),
  );
}

const ANSWER = ": the answer";

/** The same answers; of what they are given and give the sums are kept, in the order of asking. */
function watched(sites: Sites, sums: Record<string, Tensor>): Sites {
  const size = (tensors: readonly Tensor[]) => tf.addN(tensors.map((tensor) => tf.sum(tf.abs(tensor))));
  return Object.fromEntries(
    Object.entries(sites).map(([kind, answer]) => [
      kind,
      (path: string, ...tensors: Tensor[]) => {
        const given = (answer as (path: string, ...tensors: Tensor[]) => unknown)(path, ...tensors);
        if (given === undefined || given === tensors.at(-1)) return given;
        sums[`${kind} at ${path}`] = size(tensors);
        sums[`${kind} at ${path}${ANSWER}`] = size(
          kind === "prefix" ? Object.values(given as object) : [given as Tensor],
        );
        return given;
      },
    ]),
  );
}

/** The last parameter in the order of the forward pass whose gradient is no number: it makes so what lies below. */
function notFiniteGradient({ trained }: Adapting["attachment"], store: ParameterStore): string | undefined {
  const name = Object.keys(trained).findLast(
    (each) => store.trainable.includes(each) && store.gradient(each).some((value) => !Number.isFinite(value)),
  );
  return name && `the gradient of ${name.replace(/^adapter\./, "")}`;
}
