/** B-PROP's attention pass, from texts to the file on disk, beside plain encoding of the same texts by our own bi-encoder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Document } from "@propria/collection";
import { openBackend } from "@propria/engine";
import { openBiEncoder } from "@propria/rankers";
import { attentionPass, type WordAttention, wordAttention } from "@propria/rop-sampler";
import { Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, type Row, rowOf } from "../bench-case.ts";
import { passages } from "../passages.ts";
import { givenModel } from "../sentence-transformers.ts";

const HEADS = ["cls", "classifier", "bert.pooler"];

export const attentionCase: BenchCase = {
  name: "attention",
  description: "B-PROP's attention pass over passages, against our own encoding of them; needs --model and --corpus",
  async run(options: CaseOptions): Promise<Row[]> {
    const folder = givenModel(options);
    const backend = await openBackend("onnx", { threads: options.threads });
    const encoder = await openBiEncoder(folder, { backend });
    const { config, parameters } = await loadCheckpoint(folder, { drop: HEADS });
    const attention = wordAttention(
      { config, parameters, tokenizer: await Tokenizer.load(folder), backend },
      { maxTokens: encoder.contract.maxTokens },
    );
    const texts = await passages(options);
    const pairs = await measure(texts, attention, (given) => encoder.encodeDocuments(given), options);
    await Promise.all([encoder.release(), attention.release()]);
    return [rowOf({ name: "attention pass", peer: "our encoding", unit: "docs/s", better: "higher" }, pairs)];
  },
};

async function measure(
  texts: readonly string[],
  model: WordAttention,
  encode: (texts: readonly string[]) => Promise<unknown>,
  { rounds, report }: CaseOptions,
): Promise<{ ours: number; theirs: number }[]> {
  const documents: Document[] = texts.map((text, i) => ({ id: String(i), title: "", text }));
  const rate = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return texts.length / ((performance.now() - start) / 1000);
  };
  const pass = async () => {
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-attention-"));
    try {
      (await attentionPass({ model, documents, corpusHash: "passages", folder })).close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const ours = () => rate(pass);
  const theirs = () => rate(() => encode(texts));
  await pass(); // both sides warm: our compiled shapes
  await encode(texts);
  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const pair =
      round % 2 === 0
        ? { ours: await ours(), theirs: await theirs() }
        : await theirs().then(async (first) => ({ ours: await ours(), theirs: first }));
    pairs.push(pair);
    report(`attention, round ${round + 1}: ${pair.ours.toFixed(1)} docs/s, encoding ${pair.theirs.toFixed(1)} docs/s`);
  }
  return pairs;
}
