// Trains a model whose checkpoints are large beside its events, until the disk has no room. Its argument: the folder.
import { isPropriaError } from "@propria/base";
import { openBackend, ParameterStore } from "@propria/engine";
import { train } from "@propria/trainer";
import { mean, mul, sum } from "@tensorflow/tfjs-core";

const WIDTH = 20_000; // a checkpoint takes 240 kB
const store = ParameterStore.create({ weight: { shape: [WIDTH], data: new Float32Array(WIDTH).fill(1) } });
const source = {
  itemCount: 4,
  *examples(item) {
    yield { ids: [item + 1] };
  },
  collate: (examples) => ({ x: { data: Float32Array.from(examples, ({ ids }) => ids[0]), shape: [examples.length] } }),
};

try {
  const { steps, resumedFrom } = await train({
    ...{
      source,
      store,
      out: process.argv[2],
      seed: 1,
      steps: 8,
      batch: 2,
      learningRate: 0.01,
      identity: null,
      checkpointEvery: 1,
    },
    backend: await openBackend("cpu"),
    loss: ({ weight }, { x }) => ({ loss: mean(mul(sum(mul(weight, weight)), mean(x))) }),
  });
  process.stdout.write(`${steps} steps, resumed from ${resumedFrom}\n`);
} catch (error) {
  process.stdout.write(`${isPropriaError(error) ? `${error.code} ${error.message}` : error.stack}\n`);
  process.exitCode = 2;
}
