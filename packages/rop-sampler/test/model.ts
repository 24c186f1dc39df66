/** A small encoder of random weights over words of few letters, for tests of its attention. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { openBackend } from "@propria/engine";
import { SPECIAL_TOKENS, Tokenizer } from "@propria/tokenizer";
import { initialize, namedConfig } from "@propria/transformer-core";
import { onTestFinished } from "vitest";
import type { AttentionModel } from "../src/index.ts";

/** Pieces of the words: `rivers` is `river ##s`. */
const PIECES = [
  "river",
  "##s",
  "mud",
  "sea",
  "the",
  "a",
  "heron",
  "lamp",
  "ship",
  "##ping",
  ".",
  ",",
  "2",
  "我",
  "们",
  "好",
];

/** Two layers of width 16, and heads that do not attend to all alike. */
export async function tinyModel({ seed = 1 } = {}): Promise<AttentionModel> {
  const tokenizer = Tokenizer.fromVocabulary([...SPECIAL_TOKENS, ...PIECES]);
  const config = {
    ...namedConfig("tiny", { vocabSize: tokenizer.size }),
    ...{ hiddenSize: 16, heads: 2, intermediateSize: 32, maxPositions: 64, initializerRange: 0.4 },
  };
  const parameters = initialize(config, {}, seeded(seed, "initialize"));
  return { config, parameters, tokenizer, backend: await openBackend("onnx", { threads: 1 }) };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rop-sampler-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
