import type { TextOptions } from "./text-options.ts";

/** The tokens that every vocabulary has to hold. */
export const SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** The pieces of a text with what stands behind them; all four arrays are as long as there are pieces. */
export interface Encoding {
  /** Piece ids, without special tokens around them. */
  ids: Int32Array;
  /** Which word of the text each piece belongs to, from 0; pieces of one word stand together. */
  wordIds: Int32Array;
  /** Where each piece begins in the text given, in UTF-16 units. */
  starts: Int32Array;
  /** Where each piece ends in the text given, in UTF-16 units, exclusive. */
  ends: Int32Array;
}

/** BERT's WordPiece. Invariant: the vocabulary holds every special token, and no token twice. */
export class Tokenizer {
  readonly vocabulary: readonly string[] = [];
  readonly size: number = 0;
  readonly padId: number = 0;
  readonly unknownId: number = 0;
  readonly clsId: number = 0;
  readonly sepId: number = 0;
  readonly maskId: number = 0;
  readonly specialIds: ReadonlySet<number> = new Set();

  /** Reads vocab.txt, tokenizer.json, or a folder that holds one of them. */
  static async load(_path: string): Promise<Tokenizer> {
    throw new Error("not built yet");
  }

  static fromVocabulary(_tokens: readonly string[], _options: Partial<TextOptions> = {}): Tokenizer {
    throw new Error("not built yet");
  }

  /** Piece ids of a text, without special tokens around them. */
  encode(_text: string): number[] {
    throw new Error("not built yet");
  }

  encodeWords(_text: string): Encoding {
    throw new Error("not built yet");
  }

  isContinuation(_id: number): boolean {
    throw new Error("not built yet");
  }

  idOf(_token: string): number | undefined {
    throw new Error("not built yet");
  }

  tokenOf(_id: number): string {
    throw new Error("not built yet");
  }

  /** Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json. */
  async save(_folder: string): Promise<void> {
    throw new Error("not built yet");
  }
}
