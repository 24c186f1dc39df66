/** `tokenizer.json`, as Hugging Face `tokenizers` writes it: what of it we honour, and what we refuse. */
import { PropriaError } from "@propria/base";
import { LONGEST_WORD, SPECIAL_TOKENS, type TokenizerDefinition } from "../definition.ts";
import { type TextOptions, textOptions } from "../text-options.ts";
import { CONTINUATION } from "../word-piece.ts";

type Json = Record<string, unknown>;

/** More ids than any vocabulary has: a damaged id must not ask for gigabytes. */
const MOST_TOKENS = 2 ** 24;

/**
 * The definition in a parsed `tokenizer.json`.
 *
 * Honoured: `model.vocab`, `model.max_input_chars_per_word`, all of `BertNormalizer`, `added_tokens`. Ignored, because
 * encoding here adds and cuts nothing: `truncation`, `padding`, the post-processor, the decoder. Anything else that
 * would change an id is refused by name.
 */
export function tokenizerJson(json: Json, at: string): TokenizerDefinition {
  const model = part(json, "model", at);
  expectOption("model.type", model.type ?? "WordPiece", ["WordPiece"], at);
  expectOption("model.unk_token", model.unk_token, ["[UNK]"], at);
  expectOption("model.continuing_subword_prefix", model.continuing_subword_prefix ?? CONTINUATION, [CONTINUATION], at);
  const preTokenizer = part(json, "pre_tokenizer", at);
  expectOption("pre_tokenizer.type", preTokenizer.type, ["BertPreTokenizer"], at);
  const added = addedTokens(json.added_tokens, at);
  const longestWord = model.max_input_chars_per_word ?? LONGEST_WORD;
  if (typeof longestWord !== "number") throw unsupported("model.max_input_chars_per_word", longestWord, "a number", at);
  const vocabulary = part(model, "vocab", at);
  return {
    tokens: byId([...Object.entries(vocabulary), ...added], at),
    addedTokens: [...new Set([...SPECIAL_TOKENS, ...added.keys()])],
    outside: new Set([...added.keys()].filter((token) => !Object.hasOwn(vocabulary, token))),
    text: normalizer(json.normalizer, at),
    longestWord,
  };
}

function normalizer(given: unknown, at: string): TextOptions {
  if (given === null || given === undefined) {
    return { lowercase: false, stripAccents: false, cleanText: false, splitIdeographs: false };
  }
  const json = asObject(given, "normalizer", at);
  expectOption("normalizer.type", json.type, ["BertNormalizer"], at);
  const flag = (name: string, missing: boolean): boolean => {
    const value = json[name] ?? missing;
    if (typeof value !== "boolean") throw unsupported(`normalizer.${name}`, value, "true or false", at);
    return value;
  };
  const lowercase = flag("lowercase", true);
  return textOptions({
    lowercase,
    stripAccents: flag("strip_accents", lowercase),
    cleanText: flag("clean_text", true),
    splitIdeographs: flag("handle_chinese_chars", true),
  });
}

/** Ids of the added tokens by their text. */
function addedTokens(given: unknown, at: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const each of Array.isArray(given) ? given : []) {
    const { content, id, normalized, single_word } = asObject(each, "added_tokens", at);
    if (typeof content !== "string" || content === "") throw damaged("an added token has no content", at);
    expectOption(`normalized of the added token ${content}`, normalized ?? false, [false], at);
    expectOption(`single_word of the added token ${content}`, single_word ?? false, [false], at);
    found.set(content, id);
  }
  return found;
}

function byId(entries: readonly [string, unknown][], at: string): string[] {
  const tokens: string[] = [];
  for (const [token, id] of entries) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
      throw damaged(`the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}`, at);
    }
    tokens[id] = token;
  }
  return Array.from(tokens, (token) => token ?? "");
}

function part(json: Json, name: string, at: string): Json {
  return asObject(json[name], name, at);
}

function asObject(value: unknown, name: string, at: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw damaged(`${name} is ${JSON.stringify(value) ?? "missing"}, expected an object`, at);
}

function expectOption(name: string, value: unknown, allowed: readonly unknown[], at: string): void {
  if (!allowed.includes(value))
    throw unsupported(name, value, allowed.map((each) => JSON.stringify(each)).join(" or "), at);
}

const unsupported = (name: string, value: unknown, expected: string, at: string) =>
  new PropriaError("TOKENIZER_OPTION", `${name} is ${JSON.stringify(value) ?? "missing"}, expected ${expected}`, {
    at,
    mend: "only BERT's WordPiece can be read",
  });

const damaged = (what: string, at: string) =>
  new PropriaError("TOKENIZER_FILE", what, { at, mend: "is the file whole?" });
