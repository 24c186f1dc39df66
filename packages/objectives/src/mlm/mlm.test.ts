import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testVocabulary } from "../testing.ts";
import type { MaskedRow } from "../toolkit/index.ts";
import mlm from "./index.ts";

const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const document = testDocuments[3]!;
const body = tokenizer.encode(`${document.title} ${document.text}`);

const windows = (given: Record<string, unknown>, { maxTokens = 32, seed = 1 } = {}) =>
  [
    ...mlm.examples(document, {
      random: seeded(seed, "windows"),
      tokenizer,
      options: objectiveOptions(mlm, given),
      number: 0,
      prepared: undefined,
      maxTokens,
    }),
  ].map(original);

/** The window before masking, without [CLS] and [SEP]. */
function original({ inputIds, positions, labels }: MaskedRow): number[] {
  const ids = [...inputIds];
  positions.forEach((position, i) => {
    ids[position] = labels[i]!;
  });
  expect([ids[0], ids.at(-1)]).toEqual([tokenizer.clsId, tokenizer.sepId]);
  return ids.slice(1, -1);
}

describe("mlm", () => {
  testObjective(mlm);
});

describe("mlm over whole words and all windows", () => {
  testObjective(mlm, { options: { wholeWords: true, windows: "all" }, maxTokens: 32 });
});

describe("mlm's windows", () => {
  it("are all of the document, one after the other", () => {
    expect(windows({ windows: "all" }).flat()).toEqual(body);
  });

  it("are one at random, from the start of a word, another in each epoch", () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const [window, ...more] = windows({}, { seed });
      expect(more).toEqual([]);
      expect(window!.length).toBe(30);
      expect(tokenizer.isContinuation(window![0]!)).toBe(false);
      expect(body.join()).toContain(window!.join());
      starts.add(body.findIndex((_, i) => body.slice(i, i + 30).join() === window!.join()));
    }
    expect(starts.size).toBeGreaterThan(30);
  });

  it("are the document where it fits", () => {
    expect(windows({}, { maxTokens: 512 })).toEqual([body]);
  });
});
