import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { textWindow, windowRow } from "./index.ts";

const tokenizer = Tokenizer.fromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ri", "##ver", "sea", "mud"]);
const ids = tokenizer.encode("river sea river mud sea river");
const draw = (length: number, seed: number) => textWindow(ids, length, { random: seeded(seed), tokenizer });

describe("textWindow", () => {
  it("is a run of the text from the start of a word, anywhere", () => {
    const starts = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const window = draw(4, seed);
      expect(window).toHaveLength(4);
      expect(tokenizer.isContinuation(window[0]!)).toBe(false);
      expect(ids.join()).toContain(window.join());
      starts.add(window.join());
    }
    expect(starts.size).toBe(4); // every place from which four pieces are left and that no word is cut at
  });

  it("is a text that is no longer, without drawing", () => {
    const random = seeded(1);
    expect(textWindow(ids, ids.length, { random, tokenizer })).toEqual(ids);
    expect(random()).toBe(seeded(1)());
  });
});

describe("windowRow", () => {
  const row = (from: readonly number[], maxTokens: number, seed = 1) =>
    windowRow(from, maxTokens, { random: seeded(seed), tokenizer });

  it("is the window that textWindow draws, between [CLS] and [SEP]", () => {
    for (let seed = 0; seed < 20; seed++) expect(row(ids, 6, seed)).toEqual([2, ...draw(4, seed), 3]);
    expect(row(ids, 512)).toEqual([2, ...ids, 3]);
  });

  it("is none of a text without anything to predict", () => {
    expect(row([], 8)).toBeUndefined();
    expect(row([1, 3, 1], 8)).toBeUndefined(); // [UNK] [SEP] [UNK]
  });
});
