import { type Document, documentText } from "@propria/collection";
import {
  type AttentionFile,
  type ContrastiveSampler,
  type ContrastiveSetOptions,
  contrastiveSampler,
  openAttention,
} from "@propria/rop-sampler";
import type { ExampleContext } from "../define-objective.ts";
import { rowBody, type WordSetRows, wordSetRows } from "../toolkit/index.ts";
import type { AttendedWords } from "./attended-words.ts";

interface ExampleOptions extends ContrastiveSetOptions {
  shortDocumentTokens: number;
  shortDocumentSkip: number;
  maskedWeight: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** The pairs of one document. */
export function* bPropExamples(
  document: Document,
  context: ExampleContext<ExampleOptions, AttendedWords>,
): Iterable<WordSetRows> {
  const body = rowBody(documentText(document), context);
  if (body.length === 0) return;
  const { attention, sampler } = opened(context.prepared, context.options);
  for (const pair of sampler.pairs(attention.at(context.number), context.random)) {
    const rows = wordSetRows(body, pair, context);
    if (rows) yield rows; // else the words alone fill the row
  }
}

interface Opened {
  attention: AttentionFile;
  sampler: ContrastiveSampler;
}

/** Files and tables by what they were made of: they take a while to open and never change. */
const open = new WeakMap<AttendedWords, WeakMap<ExampleOptions, Opened>>();

function opened(prepared: AttendedWords, options: ExampleOptions): Opened {
  const byOptions = open.get(prepared) ?? new WeakMap<ExampleOptions, Opened>();
  open.set(prepared, byOptions);
  const found = byOptions.get(options) ?? {
    attention: openAttention(prepared.folder),
    sampler: contrastiveSampler(prepared.random, options),
  };
  byOptions.set(options, found);
  return found;
}
