/**
 * Contrasts word distributions once, with gradients, and prints the loss, the most memory that the process held, and how long a second
 * step took: `node contrast-memory.mjs '{ "distance": "jensenShannon", "views": 64, "words": 30522, "width": 256 }'`. Reads the build.
 */
import { seeded } from "@propria/base";
import { openBackend, ParameterStore, scope, trainingStep } from "@propria/engine";
import {
  jensenShannon,
  siblingContrastive,
  symmetricKullbackLeibler,
  wordDecoderInits,
  wordLogProbabilities,
} from "@propria/objectives";
import { initialize, namedConfig } from "@propria/transformer-core";
import * as tf from "@tensorflow/tfjs-core";

const { distance, views, words, width, threads = 2 } = JSON.parse(process.argv[2]);
const distances = { jensenShannon, symmetricKullbackLeibler };
const config = namedConfig("mini", { vocabSize: words, hiddenSize: width, heads: width / 64, layers: 0 });
const random = seeded(1, "memory");
const vectors = Float32Array.from({ length: views * width }, () => 2 * random() - 1);
const store = ParameterStore.create(
  initialize(config, wordDecoderInits(config, { tied: true }), random.fork("initialize")),
);
const step = trainingStep({
  backend: await openBackend("onnx", { threads }),
  store,
  seed: 1,
  loss: (parameters, { x }) => {
    const logP = wordLogProbabilities(scope(parameters), x, { config, tied: true });
    return { loss: siblingContrastive(tf.neg(distances[distance](logP))) };
  },
});
const batch = { x: { data: vectors, shape: [views, width] } };
const { loss, gradientNorm } = await step.run(batch, { step: 1, learningRate: 1e-3 });
const from = performance.now();
await step.run(batch, { step: 2, learningRate: 1e-3 });
const seconds = (performance.now() - from) / 1000;
console.log(JSON.stringify({ loss, gradientNorm, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
