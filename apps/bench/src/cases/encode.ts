/** Encoding documents with MiniLM in fp32: documents a second, and vectors that agree. */
import { readFileSync } from "node:fs";
import { documentText } from "@propria/collection";
import { openBiEncoder } from "@propria/rankers";
import { type BenchCase, type CaseOptions, type Row, rowOf } from "../bench-case.ts";
import { passages } from "../passages.ts";
import { givenModel, namedCollection, type Peered, withSentenceTransformers } from "../sentence-transformers.ts";

const SENTENCES = 2048;
const AGREE = 1e-4; // largest difference of two numbers of unit vectors

export const encodeCase: BenchCase = {
  name: "encode",
  description:
    "encoding passages and sentences with MiniLM, against sentence-transformers; needs --model, --corpus and --data",
  run(options: CaseOptions) {
    const folder = givenModel(options);
    return withSentenceTransformers(options, folder, async (peered) => {
      const model = await openBiEncoder(folder, { threads: options.threads });
      const rows: Row[] = [];
      for (const [name, texts] of Object.entries({
        "encode passages": await passages(options),
        "encode wikiqa": await sentences(options),
      })) {
        const encode = (texts: string[]) => model.encodeDocuments(texts);
        const pairs = await measure(name, texts, encode, peered, options);
        rows.push(rowOf({ name, peer: peered.name, unit: "docs/s", better: "higher" }, pairs));
      }
      await model.release();
      return rows;
    });
  },
};

async function measure(
  name: string,
  texts: string[],
  encode: (texts: string[]) => Promise<Float32Array>,
  { peer, file }: Peered,
  { rounds, report }: CaseOptions,
): Promise<{ ours: number; theirs: number }[]> {
  const request = { encode: file("texts.json", { texts }), out: file("vectors.f32") };
  await peer.ask(request); // both sides warm: libraries, our compiled shapes
  checkAgreement(await encode(texts), readFileSync(request.out));
  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ourTurn = async () => {
      const start = performance.now();
      await encode(texts);
      return texts.length / ((performance.now() - start) / 1000);
    };
    const theirTurn = async () => texts.length / (await peer.ask<{ seconds: number }>(request)).seconds;
    const [ours, theirs] =
      round % 2 === 0 ? [await ourTurn(), await theirTurn()] : [await theirTurn(), await ourTurn()].reverse();
    pairs.push({ ours: ours!, theirs: theirs! });
    report(`${name}, round ${round + 1}: ${ours!.toFixed(1)} docs/s, peer ${theirs!.toFixed(1)} docs/s`);
  }
  return pairs;
}

function checkAgreement(ours: Float32Array, bytes: Buffer): void {
  const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  if (ours.length !== theirs.length) throw new Error(`${ours.length} numbers here and ${theirs.length} there`);
  const apart = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
  if (apart > AGREE) throw new Error(`vectors differ by ${apart}: this compares different things`);
}

async function sentences(options: CaseOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const document of (await namedCollection("wikiqa", options)).documents()) {
    found.push(documentText(document));
    if (found.length === SENTENCES) break;
  }
  return found;
}
