/** Memory of COSTA pre-training at its batch of 256 texts of 128 tokens, configuration A: with gradient caching, and without it at smaller batches. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainVocabulary } from "@propria/tokenizer";
import { type BenchCase, type CaseOptions, type Row, soloRow } from "../bench-case.ts";
import { runApart } from "../run-apart.ts";
import { givenCorpus, readTexts } from "../texts.ts";
import type { CostaTraining, Measured } from "./costa-training.ts";

const VOCABULARY = 30_522; // BERT's
const STEPS = 4;
const settings: { batch: number; chunk?: number }[] = [
  { batch: 256, chunk: 32 },
  { batch: 256, chunk: 16 },
  { batch: 32 },
  { batch: 64 },
];

export const costaMemoryCase: BenchCase = {
  name: "costa-memory",
  description: "peak memory and speed of a COSTA step, with gradient caching and without; needs --corpus",
  async run(options: CaseOptions) {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    try {
      const vocabulary = await trainVocabulary(readAll(options.corpus), { size: VOCABULARY });
      writeFileSync(join(folder, "vocab.txt"), `${vocabulary.join("\n")}\n`);
      const rows: Row[] = [];
      for (const each of settings) rows.push(...(await measure(each, folder, options)));
      return rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Each round trains in a process of its own, whose memory nothing else has touched. */
async function measure(
  { batch, chunk }: { batch: number; chunk?: number },
  folder: string,
  { corpus, rounds, threads, report }: CaseOptions,
): Promise<Row[]> {
  const name = `COSTA ${batch}${chunk ? `/${chunk}` : ""}`;
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    const out = join(folder, `${batch} ${chunk} ${round}`);
    const parts = { corpus: givenCorpus(corpus), vocabulary: join(folder, "vocab.txt"), out, batch, chunk };
    measured.push(
      await runApart<Measured>("costa-training", {
        ...parts,
        steps: STEPS,
        threads,
        seed: round,
      } satisfies CostaTraining),
    );
    rmSync(out, { recursive: true });
    const { peakGb, tokensPerSecond } = measured.at(-1)!;
    report(`${name}, round ${round + 1}: ${peakGb.toFixed(2)} GB, ${tokensPerSecond.toFixed(0)} tokens/s`);
  }
  return [
    soloRow(
      { name: `${name} peak`, unit: "GB" },
      measured.map(({ peakGb }) => peakGb),
    ),
    soloRow(
      { name: `${name} speed`, unit: "tokens/s" },
      measured.map(({ tokensPerSecond }) => tokensPerSecond),
    ),
  ];
}

async function* readAll(corpus: string | undefined): AsyncGenerator<string> {
  yield* await readTexts(corpus);
}
