/** PROP's pairs of word sets drawn from a corpus, one thread: documents' words, their models and the draws. */
import { seeded } from "@propria/base";
import { wordCounter, wordSetSampler } from "@propria/rop-sampler";
import { type BenchCase, type CaseOptions, soloRow } from "../bench-case.ts";
import { readTexts } from "../texts.ts";

export const samplerCase: BenchCase = {
  name: "sampler",
  description: "PROP's pairs sampled, one thread; needs --corpus",
  async run(options: CaseOptions) {
    const texts = await readTexts(options.corpus);
    const counter = wordCounter();
    for (const text of texts) counter.add(text);
    const sampler = wordSetSampler(counter.finish());
    const rates: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const start = performance.now();
      const pairs = texts.reduce((sum, text, i) => sum + sampler.pairs(text, seeded(round, i)).length, 0);
      rates.push((pairs / (performance.now() - start)) * 1e3);
      options.report(`sampler, round ${round + 1}: ${rates.at(-1)!.toFixed(0)} pairs/s`);
    }
    return [soloRow({ name: "PROP sampler", unit: "pairs/s" }, rates)];
  },
};
