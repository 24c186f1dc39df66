/** What the compiler knows of an objective. Checked by `tsc`: a line under @ts-expect-error that compiles is an error. */

import { clsPooling } from "@propria/transformer-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective, type Objective } from "./index.ts";
import mlm from "./mlm/index.ts";
import prop from "./prop/index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>(): void => {};

export const everything = defineObjective({
  name: "everything",
  options: z.object({ spans: z.number().default(5), pooling: z.enum(["cls", "mean"]).default("cls") }),
  async prepare(documents, { options, tokenizer }) {
    same<Equal<typeof options, { spans: number; pooling: "cls" | "mean" }>>();
    let count = 0;
    for await (const document of documents) count += tokenizer.encode(document.text).length;
    return { count };
  },
  heads: ({ hiddenSize }, options) => ({
    "projector.weight": { shape: [hiddenSize, options.spans], std: 0.02 },
  }),
  *examples(document, { random, tokenizer, options, prepared }) {
    same<Equal<typeof prepared, { count: number }>>();
    // @ts-expect-error no such option
    void options.span;
    // @ts-expect-error nothing prepared by this name
    void prepared.counts;
    yield { tokens: tokenizer.encode(document.text), rank: random.int(prepared.count) };
  },
  collate(examples, { pad, options, tokenizer }) {
    same<Equal<(typeof examples)[number], { tokens: number[]; rank: number }>>();
    void (options.spans + tokenizer.size);
    // @ts-expect-error examples have no such field
    void examples.map((example) => example.token);
    const ranks = Float32Array.from(examples, ({ rank }) => rank);
    return {
      text: pad(examples.map((example) => example.tokens)),
      ranks: { data: ranks, shape: [ranks.length] as [number] },
      cube: { data: ranks, shape: [1, 1, ranks.length] },
    };
  },
  loss({ encode, parameters, options, scope, config }, batch) {
    same<Equal<typeof batch.text.inputIds, Tensor2D>>();
    same<Equal<typeof batch.ranks, tf.Tensor1D>>();
    same<Equal<typeof batch.cube, Tensor>>();
    same<Equal<typeof options.pooling, "cls" | "mean">>();
    // @ts-expect-error no such array in the batch
    void batch.txt;
    // @ts-expect-error no such head
    void parameters["projector.wieght"];
    void [scope("cls"), config.hiddenSize, parameters["projector.weight"]];
    return { loss: tf.mean(encode(batch.text)) };
  },
});

export const withoutPrepare = defineObjective({
  name: "without-prepare",
  options: z.object({}),
  *examples(document, { prepared, tokenizer }) {
    same<Equal<typeof prepared, undefined>>();
    yield tokenizer.encode(document.text);
  },
  collate: (texts, { pad }) => ({ text: pad(texts) }),
  loss: ({ encode, parameters }, { text }) => {
    // @ts-expect-error there are no heads
    void parameters["projector.weight"];
    return { loss: tf.mean(encode(text)) };
  },
});

defineObjective({
  name: "wrong-loss",
  options: z.object({}),
  *examples() {
    yield 1;
  },
  collate: (_, { pad }) => ({ text: pad([]) }),
  // @ts-expect-error not a scalar
  loss: ({ encode }, { text }) => ({ loss: encode(text) }),
});

export const inStages = defineObjective({
  name: "in-stages",
  options: z.object({ temperature: z.number().default(0.1), masked: z.boolean().default(false) }),
  heads: ({ hiddenSize }) => ({ "projector.weight": { shape: [hiddenSize, hiddenSize], std: 0.02 } }),
  *examples(document, { tokenizer }) {
    yield tokenizer.encode(document.text);
  },
  collate: (texts, { pad }) => ({ text: pad(texts) }),
  embedding: ({ masked }) => ({ pooling: masked ? "mean" : "cls", similarity: "cosine" }),
  represent({ encode, encodeLayers, options, parameters }, batch) {
    same<Equal<typeof batch.text.inputIds, Tensor2D>>();
    same<Equal<typeof options.temperature, number>>();
    // @ts-expect-error no such array in the batch
    void batch.txt;
    // @ts-expect-error no such head
    void parameters["projector.wieght"];
    const hidden = encode(batch.text);
    void encodeLayers(batch.text)[0]!.shape;
    const mean = { value: tf.mean(hidden) as tf.Scalar, weight: tf.scalar(1) };
    return { vectors: { anchors: clsPooling(hidden), states: hidden }, means: { mlm: mean } };
  },
  contrast({ options, parameters, scope, config }, vectors) {
    same<Equal<typeof vectors, { anchors: Tensor2D; states: tf.Tensor3D }>>();
    same<Equal<typeof options.temperature, number>>();
    // @ts-expect-error no such vectors
    void vectors.anchor;
    // @ts-expect-error no such option
    void options.temprature;
    void [parameters["projector.weight"], scope("cls"), config.hiddenSize];
    return { loss: tf.mean(vectors.anchors) };
  },
});

defineObjective({
  name: "no-encoder-in-contrast",
  options: z.object({}),
  *examples() {
    yield 1;
  },
  collate: (_, { pad }) => ({ text: pad([]) }),
  represent: ({ encode }, { text }) => ({ vectors: { x: clsPooling(encode(text)) } }),
  // @ts-expect-error vectors are all that it sees
  contrast: ({ encode }, { x }) => ({ loss: tf.mean(encode ?? x) }),
});

// @ts-expect-error neither a loss nor its stages
defineObjective({
  name: "nothing",
  options: z.object({}),
  *examples() {
    yield 1;
  },
  collate: (_, { pad }) => ({ text: pad([]) }),
});

// Any objective is one of the list's.
export const list: Objective[] = [everything, withoutPrepare, inStages, mlm, prop];
