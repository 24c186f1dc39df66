/** Scoring real pairs with a cross-encoder of MiniLM's size in fp32: pairs a second, and scores that agree. */
import { readFileSync } from "node:fs";
import { seeded } from "@propria/base";
import { type CrossEncoder, crossEncoderInits, openCrossEncoder, type Pair } from "@propria/rankers";
import { Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint, saveModel } from "@propria/transformer-core";
import { type BenchCase, type CaseOptions, type Row, rowOf } from "../bench-case.ts";
import { CANDIDATES, rankedPairs } from "../ranked-pairs.ts";
import { givenModel, namedCollection, type Peered, withCrossEncoders } from "../sentence-transformers.ts";

const MAX_TOKENS = 256;
const PAIRS = 4096;
const AGREE = 1e-4; // largest difference of two scores

export const rerankCase: BenchCase = {
  name: "rerank",
  description:
    "scoring BM25's best with a cross-encoder of MiniLM's size, against sentence-transformers; needs --model and --data",
  run(options: CaseOptions) {
    const { size = PAIRS, threads } = options;
    return withCrossEncoders(options, async (peered) => {
      const folder = peered.file("cross-encoder");
      await saveCrossEncoder(givenModel(options), folder);
      const model = await openCrossEncoder(folder, { threads, maxTokens: MAX_TOKENS });
      const rows: Row[] = [];
      for (const name of ["wikiqa", "cranfield"]) {
        const { pairs } = await rankedPairs(await namedCollection(name, options), Math.ceil(size / CANDIDATES));
        const what = { name: `rerank ${name}`, peer: peered.name, unit: "pairs/s", better: "higher" } as const;
        rows.push(
          rowOf(what, await measure(what.name, { pairs: pairs.slice(0, size), model, folder }, peered, options)),
        );
      }
      await model.release();
      return rows;
    });
  },
};

/** The encoder with a head of random weights: what its scores are worth takes no less time. */
async function saveCrossEncoder(encoder: string, out: string): Promise<void> {
  const { config, parameters } = await loadCheckpoint(encoder, {
    heads: crossEncoderInits,
    fresh: ["classifier", "bert.pooler"],
    drop: ["cls"],
    random: seeded(1, "head"),
  });
  await saveModel(out, { config, parameters, tokenizer: await Tokenizer.load(encoder), provenance: {} });
}

async function measure(
  name: string,
  { pairs, model, folder }: { pairs: readonly Pair[]; model: CrossEncoder; folder: string },
  { peer, file }: Peered,
  { rounds, report }: CaseOptions,
): Promise<{ ours: number; theirs: number }[]> {
  const request = {
    score: file("pairs.json", { pairs: pairs.map(({ query, document }) => [query, document]) }),
    ...{ out: file("scores.f32"), model: folder, maxTokens: MAX_TOKENS },
  };
  await peer.ask(request); // both sides warm: libraries, our compiled shapes
  checkAgreement(await model.score(pairs), readFileSync(request.out));
  const measured: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ourTurn = async () => {
      const start = performance.now();
      await model.score(pairs);
      return pairs.length / ((performance.now() - start) / 1000);
    };
    const theirTurn = async () => pairs.length / (await peer.ask<{ seconds: number }>(request)).seconds;
    const [ours, theirs] =
      round % 2 === 0 ? [await ourTurn(), await theirTurn()] : [await theirTurn(), await ourTurn()].reverse();
    measured.push({ ours: ours!, theirs: theirs! });
    report(`${name}, round ${round + 1}: ${ours!.toFixed(1)} pairs/s, peer ${theirs!.toFixed(1)} pairs/s`);
  }
  return measured;
}

function checkAgreement(ours: readonly number[], bytes: Buffer): void {
  const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  if (ours.length !== theirs.length) throw new Error(`${ours.length} scores here and ${theirs.length} there`);
  const apart = ours.reduce((most, score, i) => Math.max(most, Math.abs(score - theirs[i]!)), 0);
  if (apart > AGREE) throw new Error(`scores differ by ${apart}: this compares different things`);
}
