/**
 * PROP pre-training end to end, as a user starts it: configuration A (mini, 16 rows in a step), rows of at most 512 tokens, examples made in the data
 * worker, dropout on; against PyTorch over the same pairs, made already and padded to 512 tokens as PROP's code does.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { objectiveLoss, pretrain, type WordSetRows } from "@propria/objectives";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig, saveModel } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, rowOf, soloRow } from "../bench-case.ts";
import { PeerProcess } from "../peer-process.ts";
import { examplesOf, openProp, type PropSource } from "../prop-source.ts";

const PAIRS = 8; // of a step: 16 rows
const MAX_TOKENS = 512;
const DOCUMENTS = 128;
const LEARNING_RATE = 1e-4;
const AGREE = 1e-3; // largest difference of two losses

export const propCase: BenchCase = {
  name: "prop",
  description: "PROP pre-training end to end, configuration A, against PyTorch over rows padded to 512; needs --corpus",
  async run(options: CaseOptions) {
    const { python, threads, rounds, size = DOCUMENTS, report } = options;
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    const script = fileURLToPath(new URL("../peer/prop.py", import.meta.url)); // from dist/
    const keepPages = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "4294967296" };
    const peer = new PeerProcess(python, [script, String(threads)], keepPages);
    try {
      const { peer: name } = await peer.read<{ peer: string }>();
      const prop = await openProp(options.corpus, { folder, documents: size, maxTokens: MAX_TOKENS });
      const model = await saveStart(prop, join(folder, "start"));
      const pairs = examplesOf(prop, 0) as WordSetRows[];
      const open = join(folder, "pairs.json");
      const rows = pairs.map(({ preferred, other }) => [preferred, other]);
      writeFileSync(open, JSON.stringify({ folder: model.folder, config: model.config, pairs: rows }));
      const { attention } = await peer.ask<{ attention: string }>({ open });
      checkAgreement(await ourLoss(prop, model, pairs.slice(0, PAIRS), threads), await peer.ask({ loss: PAIRS }));
      const rowTokens = pairs.flatMap(({ preferred, other }) => [preferred.inputIds.length, other.inputIds.length]);
      const mean = rowTokens.reduce((sum, tokens) => sum + tokens, 0) / rowTokens.length;
      report(
        `prop: ${prop.documents.length} documents, ${pairs.length} pairs, ${mean.toFixed(0)} tokens a row; ${name}, ${attention}`,
      );

      const measured: { ours: number; theirs: number }[] = [];
      const tokens: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const ourTurn = async () => {
          const rates = await trained(prop, model.folder, { out: join(folder, `round-${round}`), round, threads });
          tokens.push(rates.tokens);
          return rates.documents;
        };
        const theirTurn = async () => {
          const request = { train: PAIRS, learningRate: LEARNING_RATE, seed: round };
          return prop.documents.length / (await peer.ask<{ seconds: number }>(request)).seconds;
        };
        const [ours, theirs] =
          round % 2 === 0 ? [await ourTurn(), await theirTurn()] : [await theirTurn(), await ourTurn()].reverse();
        measured.push({ ours: ours!, theirs: theirs! });
        report(`prop, round ${round + 1}: ${ours!.toFixed(2)} documents/s, peer ${theirs!.toFixed(2)}`);
      }
      return [
        rowOf({ name: "PROP end to end A", peer: name, unit: "documents/s", better: "higher" }, measured),
        soloRow({ name: "PROP end to end A", unit: "tokens/s" }, tokens),
      ];
    } finally {
      peer.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** Weights that both sides start from. */
async function saveStart({ objective, options, tokenizer }: PropSource, folder: string) {
  const config = namedConfig("mini", { vocabSize: tokenizer.size });
  const parameters = initialize(config, objective.heads!(config, options), seeded(1, "bench"));
  await saveModel(folder, { config, parameters, tokenizer, provenance: {} });
  return { folder, config, parameters };
}

/** Of the first step, without dropout. */
async function ourLoss(
  { objective, options, tokenizer }: PropSource,
  { config, parameters }: Awaited<ReturnType<typeof saveStart>>,
  pairs: readonly WordSetRows[],
  threads: number,
) {
  const context = collateContext(lengthBuckets(MAX_TOKENS, PAIRS), {
    bucketTokens: MAX_TOKENS,
    padId: tokenizer.padId,
  });
  const batch = objective.collate(pairs, { ...context, tokenizer, options });
  const still = { ...config, dropout: 0, attentionDropout: 0 };
  const backend = await openBackend("onnx", { threads });
  const store = ParameterStore.create(structuredClone(parameters));
  const step = trainingStep({ backend, store, seed: 1, loss: objectiveLoss(objective, options, still) });
  const { parts } = await step.run(batch, { step: 1, learningRate: 0 });
  await step.release();
  return parts;
}

function checkAgreement(ours: Record<string, number>, theirs: Record<string, number>): void {
  for (const name of ["rop", "mlm"])
    if (!(Math.abs(ours[name]! - theirs[name]!) < AGREE))
      throw new Error(`${name} is ${ours[name]} here and ${theirs[name]} there: this compares different things`);
}

/** Rates of the second of two passes over the documents: the first compiles a shape for each length and starts the worker. */
async function trained(
  { corpus, given, documents }: PropSource,
  init: string,
  { out, round, threads }: { out: string; round: number; threads: number },
): Promise<{ documents: number; tokens: number }> {
  const passes = 2;
  let half: { done: number; tokens: number; seconds: number } | undefined;
  let last = { done: 0, tokens: 0, seconds: 0 };
  await pretrain({
    ...{ corpus, objective: "prop", options: given, start: { init }, out, seed: round, threads },
    ...{ epochs: passes, batch: PAIRS, maxTokens: MAX_TOKENS, learningRate: LEARNING_RATE },
    onProgress({ fraction, tokensPerSecond, elapsedSeconds: seconds }) {
      last = { done: fraction * passes, tokens: tokensPerSecond * seconds, seconds };
      if (last.done >= 1) half ??= last;
    },
  });
  const from = half!;
  const seconds = last.seconds - from.seconds;
  return {
    documents: ((last.done - from.done) * documents.length) / seconds,
    tokens: (last.tokens - from.tokens) / seconds,
  };
}
