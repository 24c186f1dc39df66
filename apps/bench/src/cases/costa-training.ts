/** A program: pre-trains with COSTA for a few steps, as its argument says, and prints what it took. */
import { openCorpus } from "@propria/collection";
import { pretrain } from "@propria/objectives";
import { namedConfig } from "@propria/transformer-core";
import { peakBytes } from "../memory.ts";

/** Its argument, as JSON. */
export interface CostaTraining {
  corpus: string;
  vocabulary: string;
  out: string;
  batch: number;
  chunk: number | undefined;
  steps: number;
  threads: number;
  seed: number;
}

/** What it prints. */
export interface Measured {
  /** Most memory that the process ever held, the data worker's too; in 10⁹ bytes. */
  peakGb: number;
  /** Real tokens, after the first step, which compiles. */
  tokensPerSecond: number;
}

const { corpus, vocabulary, out, ...rest } = JSON.parse(process.argv[2]!) as CostaTraining;
let first = { tokens: 0, seconds: 0 };
let last = first;
await pretrain({
  corpus: await openCorpus(corpus),
  objective: "costa",
  start: { config: (vocabSize) => namedConfig("mini", { vocabSize }), vocabulary },
  out,
  maxTokens: 128,
  ...rest,
  onProgress({ step, tokensPerSecond, elapsedSeconds }) {
    last = { tokens: tokensPerSecond * elapsedSeconds, seconds: elapsedSeconds };
    if (step === 1) first = last;
  },
});
const measured: Measured = {
  peakGb: peakBytes() / 1e9,
  tokensPerSecond: (last.tokens - first.tokens) / (last.seconds - first.seconds),
};
process.stdout.write(JSON.stringify(measured));
