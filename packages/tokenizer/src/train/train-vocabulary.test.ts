import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { SPECIAL_TOKENS, Tokenizer, type TrainingProgress, trainVocabulary } from "../index.ts";
import { textOptions } from "../text-options.ts";
import { countWords } from "./count-words.ts";
import { Merges } from "./merges.ts";

const oracle = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../test/oracle/${name}`, import.meta.url)), "utf8");
const lines = oracle("own-text.txt").split("\n");

async function* stream(texts: readonly string[]) {
  yield* texts;
}

describe("trainVocabulary", () => {
  it.each([
    ["own-uncased-vocab.txt", true],
    ["own-cased-vocab.txt", false],
  ])("makes the committed %s again, byte for byte", async (name, lowercase) => {
    const vocabulary = await trainVocabulary(stream(lines), { size: 1000, lowercase });
    expect(`${vocabulary.join("\n")}\n`).toBe(oracle(name));
  });

  it("does not depend on the order of the texts", async () => {
    const shuffled = [...seeded(4, "order").permutation(lines.length)].map((i) => lines[i]!);
    expect(await trainVocabulary(stream(shuffled), { size: 500 })).toEqual(
      await trainVocabulary(stream(lines), { size: 500 }),
    );
  });

  it("puts the special tokens first, then the alphabet, then merges, the most frequent first", async () => {
    const vocabulary = await trainVocabulary(stream(["low low low lower, newest newest"]), { size: 30 });
    expect(vocabulary.slice(0, 5)).toEqual([...SPECIAL_TOKENS]);
    expect(vocabulary.slice(5, 22)).toEqual(
      [",", "##e", "##l", "##n", "##o", "##r", "##s", "##t", "##w", "e", "l", "n", "o", "r", "s", "t", "w"].sort(),
    );
    // l+##o and ##o+##w occur four times: "##o" comes before "l".
    expect(vocabulary.slice(22, 25)).toEqual(["##ow", "low", "##es"]);
  });

  it("covers every character of the training texts, at a word's beginning and inside", async () => {
    const tokenizer = Tokenizer.fromVocabulary(await trainVocabulary(stream(lines), { size: 1000, alphabetSize: 500 }));
    for (const line of lines) expect(tokenizer.encode(line)).not.toContain(tokenizer.unknownId);
    expect(tokenizer.encode("zqxj")).not.toContain(tokenizer.unknownId);
  });

  it("takes more than a thousand characters where a text is made of more, and leaves out the rarest of them", async () => {
    const ideographs = Array.from({ length: 3000 }, (_, i) => String.fromCodePoint(0x4e00 + i));
    const text = `${ideographs.join("").repeat(20)}${String.fromCodePoint(0x9000)}`;
    const vocabulary = await trainVocabulary(stream([text]), { size: 8000 });
    expect(vocabulary).toEqual(expect.arrayContaining(ideographs.slice(0, 2990)));
    expect(vocabulary).not.toContain(String.fromCodePoint(0x9000));
    expect((await trainVocabulary(stream([text]), { size: 2005 })).length).toBe(5 + 1002); // half of 2005
  });

  it("bounds the alphabet to the most frequent characters", async () => {
    const vocabulary = await trainVocabulary(stream(["aaa bb c", "aaa bb c"]), { size: 20, alphabetSize: 2 });
    expect(vocabulary).toEqual([...SPECIAL_TOKENS, "##a", "##b", "a", "b", "##aa", "aaa", "bb"]);
  });

  it("merges no pair rarer than asked", async () => {
    const vocabulary = await trainVocabulary(stream(["ab ab cd"]), { size: 50, minFrequency: 2 });
    expect(vocabulary).toContain("ab");
    expect(vocabulary).not.toContain("cd");
  });

  it("reports its progress", async () => {
    const seen: TrainingProgress[] = [];
    await trainVocabulary(stream(lines), { size: 600, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ stage: "counting", done: lines.length });
    expect(seen.at(-1)).toEqual({ stage: "merging", done: 600, total: 600 });
  });

  it.each([
    [
      { size: 5 },
      "VOCABULARY_SIZE",
      "a vocabulary of 5 entries is too small (ask for 6 or more, or for a smaller alphabet)",
    ],
    [{ size: 30, alphabetSize: 40 }, "VOCABULARY_SIZE", "too small"],
  ])("refuses %j", async (options, code, message) => {
    await expect(trainVocabulary(stream(lines), options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("refuses a corpus without words", async () => {
    await expect(trainVocabulary(stream(["", " \n"]), { size: 100 })).rejects.toMatchObject({ code: "EMPTY_CORPUS" });
  });
});

describe("Merges", () => {
  it("merges as counting all pairs anew after every merge would", () => {
    const random = seeded(6, "merges");
    const alphabet = [..."abcd"].flatMap((c) => [c, `##${c}`]).sort();
    const words = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      const word = Array.from({ length: 1 + random.int(9) }, () => "abcd"[random.int(4)]!).join("");
      words.set(word, 1 + random.int(20));
    }
    const merges = new Merges(alphabet, words, 2);
    for (let i = 0; i < 150; i++) merges.mergeNext();
    expect(merges.tokens).toEqual(mergesByRecounting(alphabet, words, 150));
  });
});

describe("countWords", () => {
  it("counts normalized words", async () => {
    const { words, characters } = await countWords(stream(["Wing, wing\u00a0WÍNG 中文!"]), textOptions());
    expect(Object.fromEntries(words)).toEqual({ wing: 3, ",": 1, 中: 1, 文: 1, "!": 1 });
    expect(characters.get("w")).toBe(3);
  });

  it("lets rare words go when there are too many, and keeps their characters", async () => {
    const texts = ["often often often", "once", "twice twice", "zoo", "yes"];
    const { words, characters } = await countWords(stream(texts), textOptions(), { mostStretches: 4 });
    expect([...words.keys()]).toEqual(["often", "twice"]);
    expect(characters.get("z")).toBe(1);
  });
});

/** The definition, with nothing incremental about it. */
function mergesByRecounting(alphabet: readonly string[], words: ReadonlyMap<string, number>, count: number): string[] {
  const tokens = [...alphabet];
  const cut = [...words].map(([word, times]) => ({ pieces: [...word].map((c, i) => (i === 0 ? c : `##${c}`)), times }));
  for (let merge = 0; merge < count; merge++) {
    const pairs = new Map<string, { left: string; right: string; times: number }>();
    for (const { pieces, times } of cut) {
      for (let i = 1; i < pieces.length; i++) {
        const [left, right] = [pieces[i - 1]!, pieces[i]!];
        const pair = pairs.get(`${left} ${right}`) ?? { left, right, times: 0 };
        pair.times += times;
        pairs.set(`${left} ${right}`, pair);
      }
    }
    const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const [best] = [...pairs.values()]
      .filter(({ times }) => times >= 2)
      .sort((a, b) => b.times - a.times || order(a.left, b.left) || order(a.right, b.right));
    if (!best) break;
    const merged = best.left + best.right.slice(2);
    if (!tokens.includes(merged)) tokens.push(merged);
    for (const word of cut) {
      for (let i = 1; i < word.pieces.length; i++) {
        if (word.pieces[i - 1] === best.left && word.pieces[i] === best.right) word.pieces.splice(i - 1, 2, merged);
      }
    }
  }
  return tokens;
}
