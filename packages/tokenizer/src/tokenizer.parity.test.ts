import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type TextOptions, Tokenizer } from "./index.ts";
import { normalize } from "./normalize.ts";
import { preTokenize } from "./pre-tokenize.ts";
import { textOptions } from "./text-options.ts";

const oracle = fileURLToPath(new URL("../test/oracle/", import.meta.url));

interface Expected {
  ids: number[][];
  words: number[][];
  starts: number[][];
  ends: number[][];
}
interface Oracle
  extends Record<"own-uncased" | "own-cased" | "own-with-accents" | "own-uncleaned" | "bert-base-uncased", Expected> {
  texts: string[];
  "code-points": Record<"uncased" | "cased", string[]>;
}
const made: Oracle = JSON.parse(gunzipSync(readFileSync(join(oracle, "cases.json.gz"))).toString());

describe("Tokenizer against Hugging Face tokenizers", () => {
  const own = (name: string, options: Partial<TextOptions>) =>
    Tokenizer.fromVocabulary(readFileSync(join(oracle, name), "utf8").trimEnd().split("\n"), options);

  it("has the 1,000 texts", () => expect(made.texts).toHaveLength(1000));

  it.each([
    ["own-uncased", "own-uncased-vocab.txt", {}],
    ["own-cased", "own-cased-vocab.txt", { lowercase: false }],
    ["own-with-accents", "own-uncased-vocab.txt", { stripAccents: false }],
    ["own-uncleaned", "own-cased-vocab.txt", { lowercase: false, cleanText: false, splitIdeographs: false }],
  ] as const)("gives the same ids, words and places under %s", (name, file, options) => {
    check(own(file, options), made[name]);
  });

  const minilm = process.env.PROPRIA_MINILM;
  const vocabulary = minilm ?? join(process.env.PROPRIA_DATA ?? "", "vocab/bert-base-uncased-vocab.txt");
  it.skipIf(!existsSync(vocabulary))(
    "gives the same ids, words and places under bert-base-uncased's vocabulary",
    async () => {
      check(await Tokenizer.load(vocabulary), made["bert-base-uncased"]);
    },
  );

  // Lower-casing and decomposition are Node's; the hashes were made with the tables of Unicode 17.
  it.skipIf(process.versions.unicode !== "17.0").each(["uncased", "cased"] as const)(
    "treats every code point there is alike, %s",
    (name) =>
      expect(codePointHashes(textOptions({ lowercase: name === "uncased" }))).toEqual(made["code-points"][name]),
  );
});

function check(tokenizer: Tokenizer, expected: Expected): void {
  for (const [index, text] of made.texts.entries()) {
    const { ids, wordIds, starts, ends } = tokenizer.encodeWords(text);
    const found = { text, ids: [...ids], words: [...wordIds], starts: [...starts], ends: [...ends] };
    const { ids: sameIds, words, starts: sameStarts, ends: sameEnds } = expected;
    expect(found).toEqual({
      text,
      ids: sameIds[index],
      words: words[index],
      starts: sameStarts[index],
      ends: sameEnds[index],
    });
    expect(tokenizer.encode(text)).toEqual(sameIds[index]);
  }
}

function codePointHashes(options: TextOptions): string[] {
  const block = 4096;
  return Array.from({ length: 0x110000 / block }, (_, i) => {
    const lines: string[] = [];
    for (let codePoint = i * block; codePoint < (i + 1) * block; codePoint++) {
      if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
      const { text } = normalize(`a${String.fromCodePoint(codePoint)}a`, options);
      const words = preTokenize(text).map(({ start, end }) => text.slice(start, end));
      lines.push(words.join(" "));
    }
    return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
  });
}
