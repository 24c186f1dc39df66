import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS, Tokenizer } from "../index.ts";

const VOCABULARY = [...SPECIAL_TOKENS, "Wing", "wing", "##s"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tokenizer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | object) => {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return join(folder, name);
};
const pieces = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text).map((id) => tokenizer.tokenOf(id));

describe("Tokenizer.load", () => {
  it("reads vocab.txt, with either line end and with or without the last one", async () => {
    for (const text of [VOCABULARY.join("\n"), `${VOCABULARY.join("\n")}\n`, `${VOCABULARY.join("\r\n")}\r\n`]) {
      const tokenizer = await Tokenizer.load(write("vocab.txt", text));
      expect(tokenizer.vocabulary).toEqual(VOCABULARY);
      expect(pieces(tokenizer, "Wings")).toEqual(["wing", "##s"]);
    }
  });

  it("takes the options of vocab.txt from tokenizer_config.json beside it", async () => {
    write("vocab.txt", VOCABULARY.join("\n"));
    write("tokenizer_config.json", { do_lower_case: false });
    expect(pieces(await Tokenizer.load(folder), "Wings")).toEqual(["Wing", "##s"]);
  });

  it("prefers tokenizer.json in a folder, and ignores its truncation and padding", async () => {
    write("vocab.txt", "damaged");
    write("tokenizer.json", { ...json(), truncation: { max_length: 1 }, padding: { strategy: { Fixed: 8 } } });
    expect(pieces(await Tokenizer.load(folder), "wings Wings")).toEqual(["wing", "##s", "Wing", "##s"]);
  });

  it("finds added tokens before words are cut, and does not cut words into them", async () => {
    const added = [
      ...specialEntries(),
      { id: 8, content: "[DOC]", normalized: false },
      { id: 9, content: "plane", normalized: false },
    ];
    const tokenizer = await Tokenizer.load(
      write("tokenizer.json", { ...json({ lowercase: true }), added_tokens: added }),
    );
    expect(pieces(tokenizer, "wing[DOC]Wing PLANE plane")).toEqual(["wing", "[DOC]", "wing", "[UNK]", "plane"]);
    expect(tokenizer.specialIds.has(8)).toBe(true);
    expect(tokenizer.size).toBe(10);
  });

  it.each([
    [{ model: { type: "BPE", vocab: {} } }, 'model.type is "BPE", expected "WordPiece"'],
    [{ pre_tokenizer: { type: "Whitespace" } }, 'pre_tokenizer.type is "Whitespace", expected "BertPreTokenizer"'],
    [{ normalizer: { type: "NFKC" } }, 'normalizer.type is "NFKC", expected "BertNormalizer"'],
    [
      { normalizer: { type: "BertNormalizer", lowercase: "yes" } },
      'normalizer.lowercase is "yes", expected true or false',
    ],
    [
      { added_tokens: [{ id: 9, content: "x", normalized: true }] },
      "normalized of the added token x is true, expected false",
    ],
    [
      { added_tokens: [{ id: 9, content: "x", single_word: true }] },
      "single_word of the added token x is true, expected false",
    ],
  ])("refuses what would change ids: %j", async (change, what) => {
    const file = write("tokenizer.json", { ...json(), ...change });
    await expect(Tokenizer.load(file)).rejects.toMatchObject({
      code: "TOKENIZER_OPTION",
      at: file,
      message: expect.stringContaining(what),
    });
  });

  it.each([
    ["tokenizer.json", "{", "not JSON"],
    ["tokenizer.json", "[]", "expected a JSON object"],
    ["tokenizer.json", "{}", "model is missing"],
    [
      "tokenizer.json",
      JSON.stringify({ ...json(), model: { unk_token: "[UNK]", vocab: { a: -1 } } }),
      'the id of "a" is -1',
    ],
    ["tokenizer_config.json", JSON.stringify({ do_lower_case: 1 }), "do_lower_case is 1"],
  ])("says what is wrong with a damaged %s: %s", async (name, content, what) => {
    write("vocab.txt", VOCABULARY.join("\n"));
    const file = write(name, content);
    await expect(Tokenizer.load(folder)).rejects.toMatchObject({
      code: "TOKENIZER_FILE",
      at: file,
      message: expect.stringContaining(what),
    });
  });

  it("names what is not there", async () => {
    await expect(Tokenizer.load(folder)).rejects.toMatchObject({ code: "TOKENIZER_FILE", at: folder });
    await expect(Tokenizer.load(join(folder, "vocab.txt"))).rejects.toMatchObject({
      code: "TOKENIZER_FILE",
      message: `${join(folder, "vocab.txt")}: no such vocabulary or model`,
    });
    const lacking = write("vocab.txt", VOCABULARY.filter((token) => token !== "[MASK]").join("\n"));
    await expect(Tokenizer.load(lacking)).rejects.toMatchObject({
      code: "SPECIAL_TOKEN",
      message: expect.stringContaining(`${lacking}: the vocabulary lacks [MASK]`),
    });
  });
});

describe("Tokenizer.save", () => {
  it("writes four files that load again to the same tokenizer, from either vocabulary file", async () => {
    const options = { lowercase: false, splitIdeographs: false };
    const tokenizer = Tokenizer.fromVocabulary(VOCABULARY, options);
    const out = join(folder, "model");
    await tokenizer.save(out);
    expect(readdirSync(out).sort()).toEqual([
      "special_tokens_map.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "vocab.txt",
    ]);
    for (const path of [out, join(out, "vocab.txt"), join(out, "tokenizer.json")]) {
      expect((await Tokenizer.load(path)).definition).toEqual(tokenizer.definition);
    }
    expect(readFileSync(join(out, "vocab.txt"), "utf8")).toBe(`${VOCABULARY.join("\n")}\n`);
  });

  it("leaves nothing behind where it cannot write", async () => {
    mkdirSync(join(folder, "vocab.txt"));
    await expect(Tokenizer.fromVocabulary(VOCABULARY).save(folder)).rejects.toMatchObject({ code: "TOKENIZER_WRITE" });
    expect(readdirSync(folder)).toEqual(["vocab.txt"]);
  });
});

function specialEntries() {
  return SPECIAL_TOKENS.map((content, id) => ({ id, content, normalized: false, special: true }));
}

function json({ lowercase = false } = {}) {
  return {
    added_tokens: specialEntries(),
    normalizer: { type: "BertNormalizer", lowercase },
    pre_tokenizer: { type: "BertPreTokenizer" },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
    },
  };
}
