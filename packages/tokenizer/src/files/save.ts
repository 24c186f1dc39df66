/** Writes a tokenizer as the files that `transformers` and `tokenizers` load. */
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import type { TokenizerDefinition } from "../definition.ts";
import { CONTINUATION } from "../word-piece.ts";

/** BERT's length in tokens, which `transformers` wants to know. */
const LONGEST_INPUT = 512;

/** Writes the four files into `folder`, which is made when there is none; each is written beside, flushed and renamed. */
export async function saveDefinition(folder: string, definition: TokenizerDefinition): Promise<void> {
  await write(join(folder, "vocab.txt"), definition.tokens.map((token) => `${token}\n`).join(""));
  await write(join(folder, "tokenizer.json"), `${JSON.stringify(tokenizerJson(definition), null, 2)}\n`);
  await write(join(folder, "tokenizer_config.json"), `${JSON.stringify(tokenizerConfig(definition), null, 2)}\n`);
  await write(join(folder, "special_tokens_map.json"), `${JSON.stringify(SPECIAL_TOKENS_MAP, null, 2)}\n`);
}

const SPECIAL_TOKENS_MAP = {
  cls_token: "[CLS]",
  mask_token: "[MASK]",
  pad_token: "[PAD]",
  sep_token: "[SEP]",
  unk_token: "[UNK]",
};

function tokenizerConfig({ text }: TokenizerDefinition) {
  return {
    ...SPECIAL_TOKENS_MAP,
    do_lower_case: text.lowercase,
    model_max_length: LONGEST_INPUT,
    strip_accents: text.stripAccents === text.lowercase ? null : text.stripAccents,
    tokenize_chinese_chars: text.splitIdeographs,
    tokenizer_class: "BertTokenizer",
  };
}

function tokenizerJson({ tokens, addedTokens, outside, text, longestWord }: TokenizerDefinition) {
  const vocabulary = new Map(tokens.map((token, id) => [token, id])); // of a token listed twice, the last id
  vocabulary.delete("");
  const id = (token: string) => vocabulary.get(token)!;
  const pieces = [...vocabulary].filter(([token]) => !outside.has(token));
  const special = (token: string, typeId: number) => ({ SpecialToken: { id: token, type_id: typeId } });
  const sequence = (name: string, typeId: number) => ({ Sequence: { id: name, type_id: typeId } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens
      .map((content) => ({
        id: id(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: "BertNormalizer",
      clean_text: text.cleanText,
      handle_chinese_chars: text.splitIdeographs,
      strip_accents: text.stripAccents,
      lowercase: text.lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
      pair: [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((token) => [token, { id: token, ids: [id(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: CONTINUATION, cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: CONTINUATION,
      max_input_chars_per_word: longestWord,
      vocab: Object.fromEntries(pieces),
    },
  };
}

const write = (path: string, text: string) => writeFileAtomically(path, text, { explain: writeError });

const writeError = (cause: unknown, path: string) =>
  new PropriaError("TOKENIZER_WRITE", (cause as Error).message, { at: path, cause });
