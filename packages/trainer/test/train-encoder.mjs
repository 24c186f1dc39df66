// A program of a user's: trains a two-layer encoder with dropout on masked rows, with the data worker, over the built packages. Prints a line
// after each step, and at the end the hash of all weights and moments. Its argument is JSON: { out, steps, checkpointEvery, backend, threads, holdAfter, chunk };
// with a chunk the texts are contrasted with each other too, and the step is cached; after `holdAfter` steps, or after the last, it waits to be killed.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { isPropriaError, seeded } from "@propria/base";
import { openBackend, ParameterStore, scope } from "@propria/engine";
import { train } from "@propria/trainer";
import { encode, initialize, maskedLanguageModelInits, maskedTokenLoss } from "@propria/transformer-core";
import { matMul, mean, slice, squeeze, sum } from "@tensorflow/tfjs-core";

const { out, steps, checkpointEvery, backend, threads, holdAfter, chunk } = JSON.parse(process.argv[2]);
const config = {
  ...{ vocabSize: 97, hiddenSize: 32, layers: 2, heads: 2, intermediateSize: 64, maxPositions: 64, typeVocabSize: 2 },
  ...{ layerNormEpsilon: 1e-12, dropout: 0.1, attentionDropout: 0.1, initializerRange: 0.02, padId: 0 },
};
const store = ParameterStore.create(initialize(config, maskedLanguageModelInits(config), seeded(1, "init")));
const masked = (parameters, batch, { dropout }) => {
  const root = scope(parameters, "", { dropout });
  const hidden = encode(root.at("bert"), batch, config); // [B, T, H]
  return { hidden, value: maskedTokenLoss(root, hidden, batch, config) };
};
const plain = (parameters, batch, context) => ({ loss: masked(parameters, batch, context).value });
const staged = {
  represent(parameters, batch, context) {
    const { hidden, value } = masked(parameters, batch, context);
    const text = squeeze(slice(hidden, [0, 0, 0], [-1, 1, -1]), [1]); // [B, H]
    return { vectors: { text }, means: { mlm: { value, weight: sum(batch.maskedWeights) } } };
  },
  contrast: (_, { text }) => ({ loss: mean(matMul(text, text, false, true)) }),
};
const say = (line) => writeSync(1, `${line}\n`);
let done = 0; // steps of this process
const stopping = new AbortController();
process.once("SIGINT", () => stopping.abort());

try {
  const result = await train({
    source: {
      module: new URL("./masked-rows.mjs", import.meta.url).href,
      options: { itemCount: 30, vocabSize: config.vocabSize, longest: 64 },
    },
    ...{
      store,
      out,
      steps,
      checkpointEvery,
      seed: 5,
      batch: 4,
      maxTokens: 64,
      learningRate: 1e-3,
      identity: { config },
    },
    backend: await openBackend(backend, { threads }),
    ...(chunk ? { loss: staged, chunk } : { loss: plain }),
    onProgress({ step }) {
      say(`step ${step}`);
      done++;
      if (holdAfter && (done === holdAfter || step === steps))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    signal: stopping.signal,
  });
  const hash = createHash("sha256");
  for (const name of store.names) hash.update(store.weights(name));
  for (const moment of Object.values(store.optimizerState())) hash.update(moment);
  say(JSON.stringify({ resumedFrom: result.resumedFrom, meanLoss: result.meanLoss, hash: hash.digest("hex") }));
} catch (error) {
  say(isPropriaError(error) ? error.message : error.stack);
  process.exitCode = isPropriaError(error) && error.code === "INTERRUPTED" ? 130 : 2;
}
