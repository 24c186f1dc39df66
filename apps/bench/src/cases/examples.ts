/**
 * PROP's examples as the data worker makes them, beside what a training takes: configuration A (mini, 16 rows of at most 128 tokens in a step). A trainer
 * has one worker, so one thread is measured, alone: word sets, pieces, masks, and batches of them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pretrain } from "@propria/objectives";
import { lengthBuckets, planBatches } from "@propria/trainer";
import { namedConfig } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, rowOf } from "../bench-case.ts";
import { openProp, type PropSource, sourceOf } from "../prop-source.ts";

const PAIRS = 8; // of a step: 16 rows
const MAX_TOKENS = 128;
const DOCUMENTS = 256;
const STEPS = 40;
const WARM_STEPS = 8; // compiling, the worker's start
const MIX_BATCHES = 8; // the trainer's

export const examplesCase: BenchCase = {
  name: "examples",
  description: "PROP's examples made in one thread, against what training configuration A takes; needs --corpus",
  async run({ corpus, rounds, threads, size = DOCUMENTS, report }: CaseOptions) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    try {
      const prop = await openProp(corpus, { folder, documents: size, maxTokens: MAX_TOKENS });
      made(prop, 0); // warm: the sampler's tables
      const pairs: { ours: number; theirs: number }[] = [];
      for (let round = 0; round < rounds; round++) {
        const theirs = await taken(prop, { vocabulary: folder, out: join(folder, `round-${round}`), round, threads });
        const ours = made(prop, round);
        pairs.push({ ours, theirs });
        report(`examples, round ${round + 1}: ${ours.toFixed(0)} pairs/s made, ${theirs.toFixed(1)} pairs/s taken`);
      }
      return [rowOf({ name: "examples A", peer: "our training", unit: "pairs/s", better: "higher" }, pairs)];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Pairs a second that one pass over the documents makes, in batches. */
function made(prop: PropSource, seed: number): number {
  const buckets = lengthBuckets(MAX_TOKENS, PAIRS);
  const plan = { seed, buckets, epochs: 1, remainder: "train", mixBatches: MIX_BATCHES } as const;
  const start = performance.now();
  let pairs = 0;
  for (const { cursor } of planBatches(sourceOf(prop), plan)) pairs = cursor.examples;
  return pairs / ((performance.now() - start) / 1000);
}

/** Pairs a second that a training takes. */
async function taken(
  { corpus, given }: PropSource,
  { vocabulary, out, round, threads }: { vocabulary: string; out: string; round: number; threads: number },
): Promise<number> {
  let warm = 0;
  let last = 0;
  await pretrain({
    ...{ corpus, objective: "prop", options: given, out, seed: round, threads },
    start: { config: (vocabSize) => namedConfig("mini", { vocabSize }), vocabulary },
    ...{ steps: STEPS, batch: PAIRS, maxTokens: MAX_TOKENS },
    onProgress({ step, elapsedSeconds }) {
      last = elapsedSeconds;
      if (step === WARM_STEPS) warm = last;
    },
  });
  return ((STEPS - WARM_STEPS) * PAIRS) / (last - warm);
}
