/** What the members of a user's objective give, looked at where a mistake would show only later, or never. */
import { type EncoderConfig, encoderInits } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { unfit } from "./own-file.ts";

const GIVE_LOSS = "write: return { loss, parts: { … } }, each a scalar";

/** What `loss` and `contrast` give: `{ loss, parts? }` of scalars. */
export function checkLoss(given: unknown): void {
  if (isTensor(given)) throw unfit("gives a tensor by itself", GIVE_LOSS);
  if (given instanceof Promise) throw unfit("is async", "write it without async: it runs before there are values");
  if (!isRecord(given) || !("loss" in given)) throw unfit(`gives ${kindOf(given)} without a loss`, GIVE_LOSS);
  checkScalar("loss", given.loss);
  const { parts = {} } = given;
  if (!isRecord(parts) || isTensor(parts)) throw unfit(`parts is ${kindOf(parts)}`, GIVE_LOSS);
  for (const [name, part] of Object.entries(parts)) checkScalar(`parts.${name}`, part);
}

/** What `represent` gives: vectors with examples on their first axis, and means. */
export function checkRepresented(given: unknown): void {
  const mend = "write: return { vectors: { q, p } }, tensors with the examples on their first axis";
  const vectors = isRecord(given) ? given.vectors : undefined;
  if (!isRecord(vectors) || isTensor(vectors)) throw unfit(`vectors is ${kindOf(vectors)}`, mend);
  const rows = Object.entries(vectors).map(([name, vector]) => {
    if (!isTensor(vector)) throw unfit(`vectors.${name} is ${kindOf(vector)}`, mend);
    if (vector.rank === 0) throw unfit(`vectors.${name} is a scalar: it has no axis of examples`, mend);
    return [name, vector.shape[0]!] as const;
  });
  if (rows.length === 0) throw unfit("gives no vectors", mend);
  const [few, least] = rows.reduce((a, b) => (b[1] < a[1] ? b : a));
  const odd = rows.find(([, count]) => count % least !== 0);
  if (odd)
    throw unfit(
      `the first axes of vectors.${few} and vectors.${odd[0]} are ${least} and ${odd[1]}`,
      "put the examples on the first axis of each: [B, H], or [B, rows, H] for several rows of an example",
    );
  const { means = {} } = given as { means?: unknown };
  const mendMeans = "write: means: { name: { value, weight } }, such as maskedTokenMean gives";
  if (!isRecord(means) || isTensor(means)) throw unfit(`means is ${kindOf(means)}`, mendMeans);
  for (const [name, mean] of Object.entries(means)) {
    if (!isRecord(mean) || isTensor(mean)) throw unfit(`means.${name} is ${kindOf(mean)}`, mendMeans);
    for (const part of ["value", "weight"]) checkScalar(`means.${name}.${part}`, mean[part]);
  }
}

function checkScalar(name: string, value: unknown): void {
  if (!isTensor(value))
    throw unfit(`${name} is ${kindOf(value)}`, "a scalar tensor is wanted, such as tf.mean(x) gives");
  if (value.size !== 1) throw unfit(`${name} has shape [${value.shape}]`, "make it a scalar, with tf.mean or tf.sum");
  if (value.dtype !== "float32")
    throw unfit(`${name} is of type ${value.dtype}`, 'make it float32: tf.cast(x, "float32")');
}

/** Tensors as the encoder takes them. */
export function checkTokens(name: string, tokens: unknown): void {
  const mend = `write: ${name}(text), where collate gives text: pad(rows)`;
  if (!isRecord(tokens) || isTensor(tokens))
    throw unfit(`${name} takes { inputIds, attentionMask }, found ${kindOf(tokens)}`, mend);
  for (const part of ["inputIds", "attentionMask"]) {
    const tensor = tokens[part];
    if (!isTensor(tensor)) throw unfit(`${name} takes { inputIds, attentionMask }, ${part} is ${kindOf(tensor)}`, mend);
    if (tensor.rank !== 2) throw unfit(`${name} takes ${part} of shape [rows, T], found ${kindOf(tensor)}`, mend);
  }
}

/** What `collate` gives: typed arrays with their shapes, in a tree; token ids of the vocabulary. */
export function checkArrays(batch: unknown, vocabSize: number): void {
  const mend =
    "write: return { text: pad(rows) }, or { data: Int32Array or Float32Array, shape: [rows, …] } for others";
  const visit = (branch: unknown, path: string): number => {
    if (!isRecord(branch) || Array.isArray(branch) || ArrayBuffer.isView(branch))
      throw unfit(`${path || "the batch"} is ${kindOf(branch)}`, mend);
    if (!("data" in branch && "shape" in branch))
      return Object.entries(branch).reduce((n, [name, below]) => n + visit(below, path ? `${path}.${name}` : name), 0);
    const { data, shape } = branch;
    if (!(data instanceof Int32Array || data instanceof Float32Array))
      throw unfit(`the data of ${path} is ${kindOf(data)}`, mend);
    if (!Array.isArray(shape) || !shape.every((axis) => Number.isInteger(axis) && axis >= 0))
      throw unfit(`the shape of ${path} is ${JSON.stringify(shape)}`, mend);
    const size = (shape as number[]).reduce((all, axis) => all * axis, 1);
    if (size !== data.length)
      throw unfit(`${path} has ${data.length} numbers, its shape [${shape}] wants ${size}`, mend);
    if (/(^|\.)inputIds$/.test(path)) checkIds(path, data, vocabSize);
    return 1;
  };
  if (visit(batch, "") === 0) throw unfit("gives no arrays", mend);
}

function checkIds(path: string, ids: Int32Array | Float32Array, vocabSize: number): void {
  for (const id of ids)
    if (!(id >= 0 && id < vocabSize))
      throw unfit(`${path} holds ${id}, the vocabulary has ${vocabSize} tokens`, "take ids that the tokenizer gives");
}

/** What `examples` gives: something to go through. */
export function checkIterable(given: unknown): asserts given is Iterable<unknown> {
  if (typeof given === "string" || !isIterable(given))
    throw unfit(`gives ${kindOf(given)}, which holds no examples`, "write: *examples(document, …) { yield { … }; }");
}

/** What `heads` gives: how parameters start, under names that the encoder does not have. */
export function checkHeads(heads: unknown, config: EncoderConfig, objective: string): void {
  const mend = `write: { "${objective}.weight": { shape: [config.hiddenSize, config.hiddenSize], std: 0.02 } }`;
  if (!isRecord(heads) || Array.isArray(heads)) throw unfit(`gives ${kindOf(heads)}`, mend);
  const encoder = encoderInits(config);
  for (const [name, init] of Object.entries(heads)) {
    if (Object.hasOwn(encoder, name))
      throw unfit(`${name} is a parameter of the encoder's`, `begin the names of heads otherwise: ${objective}.weight`);
    if (
      !isRecord(init) ||
      !Array.isArray(init.shape) ||
      !init.shape.every((axis) => Number.isInteger(axis) && axis > 0)
    )
      throw unfit(`the shape of ${name} is ${isRecord(init) ? JSON.stringify(init.shape) : "not given"}`, mend);
    if (typeof init.std !== "number" || !(init.std >= 0))
      throw unfit(`std of ${name} is ${kindOf(init.std)}, not a number of at least 0`, mend);
  }
}

/** What `embedding` is, or gives. */
export function checkEmbedding(embedding: unknown): void {
  const { pooling, similarity, normalize = false } = isRecord(embedding) ? embedding : {};
  const mend = 'write: { pooling: "cls" or "mean", similarity: "dot" or "cosine" }';
  if (pooling !== "cls" && pooling !== "mean") throw unfit(`pooling is ${shown(pooling)}`, mend);
  if (similarity !== "dot" && similarity !== "cosine") throw unfit(`similarity is ${shown(similarity)}`, mend);
  if (typeof normalize !== "boolean") throw unfit(`normalize is ${shown(normalize)}`, mend);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isTensor = (value: unknown): value is Tensor => isRecord(value) && "dataId" in value && "dtype" in value;

const isIterable = (value: unknown): value is Iterable<unknown> => isRecord(value) && Symbol.iterator in value;

const shown = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : kindOf(value));

/** A value in words. */
export function kindOf(value: unknown): string {
  if (isTensor(value)) return `a tensor of shape [${value.shape}]`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (value === undefined) return "undefined";
  if (typeof value === "function") return "a function";
  if (typeof value === "object")
    return value.constructor?.name === "Object" ? "an object" : `a ${value.constructor?.name}`;
  return `a ${typeof value}`;
}
