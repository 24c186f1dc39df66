/** PROP pre-training end to end, as a user starts it: configuration A (mini, 128 tokens), examples made in the data worker, dropout on. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCorpus } from "@propria/collection";
import { pretrain } from "@propria/objectives";
import { trainVocabulary } from "@propria/tokenizer";
import { namedConfig } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, soloRow } from "../bench-case.ts";
import { givenCorpus, readTexts } from "../texts.ts";

const VOCABULARY = 30_522; // BERT's
const PAIRS = 8; // of a step: 16 rows
const STEPS = 40;
const WARM_STEPS = 8; // compiling, the worker's start

export const propCase: BenchCase = {
  name: "prop",
  description: "PROP pre-training end to end, configuration A; needs --corpus",
  async run(options: CaseOptions) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    try {
      const vocabulary = await trainVocabulary(readAll(options.corpus), { size: VOCABULARY });
      writeFileSync(join(folder, "vocab.txt"), `${vocabulary.join("\n")}\n`);
      const rates: number[] = [];
      for (let round = 0; round < options.rounds; round++) {
        rates.push(await tokensPerSecond(folder, round, options));
        options.report(`prop, round ${round + 1}: ${rates.at(-1)!.toFixed(0)} tokens/s`);
      }
      return [soloRow({ name: "PROP end to end A", unit: "tokens/s" }, rates)];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Real tokens, padding not counted, from the end of the warm-up to the last step. */
async function tokensPerSecond(folder: string, round: number, { corpus, threads }: CaseOptions): Promise<number> {
  const vocabulary = join(folder, "vocab.txt");
  let warm = { tokens: 0, seconds: 0 };
  let last = warm;
  await pretrain({
    corpus: await openCorpus(givenCorpus(corpus)),
    objective: "prop",
    start: { config: (vocabSize) => namedConfig("mini", { vocabSize }), vocabulary },
    out: join(folder, `round-${round}`),
    seed: round,
    steps: STEPS,
    batch: PAIRS,
    maxTokens: 128,
    threads,
    onProgress({ step, tokensPerSecond, elapsedSeconds }) {
      last = { tokens: tokensPerSecond * elapsedSeconds, seconds: elapsedSeconds };
      if (step === WARM_STEPS) warm = last;
    },
  });
  return (last.tokens - warm.tokens) / (last.seconds - warm.seconds);
}

async function* readAll(corpus: string | undefined): AsyncGenerator<string> {
  yield* await readTexts(corpus);
}
