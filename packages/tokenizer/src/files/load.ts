/** Reads the files that hold a BERT tokenizer, and refuses what is none. */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PropriaError } from "@propria/base";
import { LONGEST_WORD, SPECIAL_TOKENS, type TokenizerDefinition } from "../definition.ts";
import { textOptions } from "../text-options.ts";
import { tokenizerJson } from "./tokenizer-json.ts";

/** What stands in `vocab.txt` or `tokenizer.json` at `path`, or in the folder `path`. */
export async function loadDefinition(path: string): Promise<TokenizerDefinition> {
  const file = isFolder(path) ? fileIn(path) : path;
  return file.endsWith(".json") ? tokenizerJson(await readJson(file), file) : vocabularyText(file);
}

/** One token a line; the options stand in `tokenizer_config.json` beside it. */
async function vocabularyText(file: string): Promise<TokenizerDefinition> {
  const tokens = (await read(file)).replace(/\r?\n$/, "").split(/\r?\n/);
  const beside = join(dirname(file), "tokenizer_config.json");
  const config = existsSync(beside) ? await readJson(beside) : {};
  const flag = (name: string): boolean | undefined => {
    const value = config[name] ?? undefined;
    if (value === undefined || typeof value === "boolean") return value;
    throw new PropriaError("TOKENIZER_FILE", `${name} is ${JSON.stringify(value)}`, {
      at: beside,
      mend: "true or false",
    });
  };
  const given = {
    lowercase: flag("do_lower_case"),
    stripAccents: flag("strip_accents"),
    splitIdeographs: flag("tokenize_chinese_chars"),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    tokens,
    addedTokens: SPECIAL_TOKENS,
    outside: new Set(),
    text: textOptions(known),
    longestWord: LONGEST_WORD,
  };
}

function fileIn(folder: string): string {
  const found = ["tokenizer.json", "vocab.txt"].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (found) return found;
  throw new PropriaError("TOKENIZER_FILE", "no vocabulary in this folder", {
    at: folder,
    mend: "it must hold tokenizer.json or vocab.txt",
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await read(file);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new PropriaError("TOKENIZER_FILE", "not JSON", { at: file, mend: "is the file whole?", cause });
  }
  throw new PropriaError("TOKENIZER_FILE", "expected a JSON object", { at: file });
}

async function read(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await readFile(file));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const what = missing
      ? "no such vocabulary or model"
      : cause instanceof TypeError
        ? "not UTF-8"
        : (cause as Error).message;
    throw new PropriaError("TOKENIZER_FILE", what, { at: file, cause });
  }
}
