import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { namedConfig } from "@propria/transformer-core";
import { beforeEach, describe, expect, it } from "vitest";
import { startingWeights } from "./starting-weights.ts";
import { testVocabulary } from "./testing.ts";

const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const [known, unknown] = tokenizer.vocabulary.filter((piece) => /^[a-z]+$/.test(piece)) as [string, string];
const WIDTH = 128;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "piece-vectors-"));
  return () => rmSync(folder, { recursive: true });
});

async function embeddings(pieceVectors?: string) {
  await tokenizer.save(folder);
  const { parameters } = await startingWeights(
    { config: (vocabSize) => namedConfig("tiny", { vocabSize }), vocabulary: folder, pieceVectors },
    { tokenizer, heads: () => ({}), random: seeded(1, "initialize") },
  );
  const { data } = parameters["bert.embeddings.word_embeddings.weight"]!;
  return (piece: string) => {
    const id = tokenizer.idOf(piece)!;
    return [...data.subarray(id * WIDTH, (id + 1) * WIDTH)];
  };
}

function vectorsFile(line: string): string {
  const path = join(folder, "pieces.vec");
  writeFileSync(path, `1 ${line.split(" ").length - 1}\n${line}\n`);
  return path;
}

describe("the vectors of pieces that a fresh encoder starts from", () => {
  it("stand in the place of their embeddings, all at one length, and leave the others as they were drawn", async () => {
    const drawn = await embeddings();
    const vector = Array.from({ length: WIDTH }, (_, i) => (i % 2 === 0 ? 3 : -3));
    const placed = await embeddings(vectorsFile(`${known} ${vector.join(" ")}`));
    for (const [i, number] of placed(known).entries()) expect(number).toBeCloseTo(0.04 * Math.sign(vector[i]!), 6);
    expect(placed(unknown)).toEqual(drawn(unknown));
    expect(placed("[CLS]")).toEqual(drawn("[CLS]"));
  });

  it("have the encoder's width", async () => {
    await expect(embeddings(vectorsFile(`${known} 1 2 3`))).rejects.toMatchObject({
      code: "PIECE_VECTORS",
      message: expect.stringMatching(/has 3 numbers a piece, and the encoder 128/),
    });
  });

  it("are of some of the vocabulary's pieces", async () => {
    await expect(embeddings(vectorsFile("Nowhere 1 2 3"))).rejects.toMatchObject({ code: "VECTORS_EMPTY" });
  });
});
