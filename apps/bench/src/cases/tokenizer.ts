/** WordPiece encoding of a corpus, one thread, against Hugging Face's tokenizers (Rust) from Python, with the same vocabulary. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer, trainVocabulary } from "@propria/tokenizer";
import { type BenchCase, type CaseOptions, rowOf } from "../bench-case.ts";
import { PeerProcess } from "../peer-process.ts";
import { readTexts } from "../texts.ts";

const VOCABULARY = 30_522; // BERT's
const MOST_BYTES = 10_000_000; // of text in a round
const PIECES_CHECKED = 1e-3; // relative: Unicode versions differ in rare characters

export const tokenizerCase: BenchCase = {
  name: "tokenizer",
  description: "WordPiece encoding, one thread, warm, against Hugging Face tokenizers; needs --corpus",
  async run(options: CaseOptions) {
    const texts = await readTexts(options.corpus, MOST_BYTES);
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const vocabulary = await trainVocabulary(asyncOf(texts), { size: VOCABULARY });
    const tokenizer = Tokenizer.fromVocabulary(vocabulary);
    const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
    const input = join(folder, "texts.json");
    writeFileSync(input, JSON.stringify({ vocabulary, texts }));
    const script = fileURLToPath(new URL("../peer/tokenizer.py", import.meta.url)); // from dist/
    const peer = new PeerProcess(options.python, [script, input], { TOKENIZERS_PARALLELISM: "false" });
    try {
      const { peer: name } = await peer.read<{ peer: string }>();
      const encode = () => texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
      encode(); // the cache warms up
      const pairs: { ours: number; theirs: number }[] = [];
      for (let round = 0; round < options.rounds; round++) {
        const start = performance.now();
        const pieces = encode();
        const ours = bytes / 1e3 / (performance.now() - start);
        const answer = await peer.ask<{ seconds: number; pieces: number }>({});
        if (Math.abs(pieces - answer.pieces) > PIECES_CHECKED * pieces)
          throw new Error(`${pieces} pieces here and ${answer.pieces} there: this compares different things`);
        pairs.push({ ours, theirs: bytes / 1e6 / answer.seconds });
        options.report(
          `tokenizer, round ${round + 1}: ${ours.toFixed(1)} MB/s, peer ${pairs.at(-1)!.theirs.toFixed(1)} MB/s`,
        );
      }
      return [rowOf({ name: "tokenizer", peer: name, unit: "MB/s", better: "higher" }, pairs)];
    } finally {
      peer.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function* asyncOf(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}
