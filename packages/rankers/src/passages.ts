/** How long documents are read: from their start, or as passages, windows over their words, whose scores make the document's. */
import { PropriaError } from "@propria/base";
import { type Document, documentText } from "@propria/collection";

/** The windows that a document is cut into. */
export interface PassageOptions {
  /** Words in a passage, the title not counted; default 150. */
  words?: number;
  /** Words from the start of a passage to that of the next; at most `words`. Default half of them: 75. */
  stride?: number;
  /** Passages of a document that are read, from its start; default 30, which bounds what one document costs. A guess. */
  most?: number;
}

/**
 * What a document's score is. `"first"`: that of its start, as much as a pair holds, whatever the windows (FirstP, in the paper the first window;
 * PROP and most cross-encoders read the first 512 tokens and no more). `"max"`: of its best passage (MaxP). `"sum"`: Σ σ(score) over its passages, the sum of the probabilities
 * that each is relevant (SumP), which is positive, so that a longer document never loses by another passage.
 *
 * @see Dai and Callan, "Deeper Text Understanding for IR with Contextual Neural Language Modeling", SIGIR 2019. https://arxiv.org/abs/1905.09217
 */
export type PassageScore = (typeof passageScores)[number];

/** The names. */
export const passageScores = ["first", "max", "sum"] as const;

/** How documents are read to be ranked. */
export interface PassageReading extends PassageOptions {
  /** Default `"max"`. */
  score?: PassageScore;
}

/** The same with nothing left to defaults; without windows where there are none. */
export type DocumentReading = { score: "first" } | (Required<PassageOptions> & { score: "max" | "sum" });

export const DEFAULT_SCORE = "max";
const DEFAULT_WORDS = 150; // and a stride of 75, as Dai and Callan
const DEFAULT_MOST = 30;

/** What counts as a word where windows are counted: a character of a script without spaces, or what stands between spaces. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;

/**
 * The passages of a document, in order, each with the title before it; the last window is the first that reaches the end. A document that is
 * no longer than a window is one passage, the text as `documentText` has it.
 *
 * @throws {PropriaError} `OPTION_INVALID`.
 */
export function passagesOf(document: Pick<Document, "title" | "text">, options: PassageOptions = {}): string[] {
  const { words, stride, most } = checkedPassages(options);
  const starts: number[] = [];
  const ends: number[] = [];
  const needed = words + (most - 1) * stride;
  for (const { index, 0: word } of document.text.matchAll(WORD)) {
    starts.push(index);
    ends.push(index + word.length);
    if (starts.length > needed) break;
  }
  const passages: string[] = [];
  for (let from = 0; passages.length < most; from += stride) {
    const to = Math.min(from + words, starts.length);
    const whole = from === 0 && to === starts.length;
    const text = whole ? document.text : document.text.slice(starts[from], ends[to - 1]);
    passages.push(documentText({ title: document.title, text }));
    if (to === starts.length) break;
  }
  return passages;
}

/**
 * How a model's documents are read: as is asked for, and in what is not, as its folder says. Where neither says anything it is `"first"`. A stride
 * stays with the words it was meant for.
 *
 * @param own   What the folder says.
 * @param asked Overrides it, member by member.
 * @throws {PropriaError} `OPTION_INVALID`.
 */
export function documentReading(own: PassageReading | undefined, asked?: PassageReading): DocumentReading {
  if (own === undefined && asked === undefined) return { score: "first" };
  const { words = own?.words, most = own?.most, score = own?.score ?? DEFAULT_SCORE } = asked ?? {};
  const stride = asked?.stride ?? (asked?.words === undefined ? own?.stride : undefined);
  const windows = checkedPassages({ words, stride, most });
  if (score !== "first") return { ...windows, score };
  const idle = (["words", "stride", "most"] as const).find((name) => asked?.[name] !== undefined);
  if (idle === undefined) return { score };
  throw new PropriaError("OPTION_INVALID", "is of no use where the start of a document is all that is read", {
    at: `passages: ${idle}`,
    mend: "leave it out, or score by max or sum",
  });
}

/** The texts that are scored for a document, at least one. */
export const textsOf = (document: Pick<Document, "title" | "text">, reading: DocumentReading): string[] =>
  reading.score === "first" ? [documentText(document)] : passagesOf(document, reading);

/** The options with their defaults. @throws {PropriaError} `OPTION_INVALID`. */
export function checkedPassages({
  words = DEFAULT_WORDS,
  stride = Math.max(1, Math.floor(words / 2)),
  most = DEFAULT_MOST,
}: { [Name in keyof PassageOptions]: PassageOptions[Name] | undefined }): Required<PassageOptions> {
  for (const [name, value] of Object.entries({ words, stride, most }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new PropriaError("OPTION_INVALID", `is ${value}`, {
        at: `passages: ${name}`,
        mend: "a whole number, 1 or more",
      });
  if (stride > words)
    throw new PropriaError(
      "OPTION_INVALID",
      `is ${stride}, so that words between passages of ${words} are never read`,
      {
        at: "passages: stride",
        mend: "at most as many as words",
      },
    );
  return { words, stride, most };
}

/** The document's score from those of its texts in order, at least one. */
export function documentScore(scores: readonly number[], by: PassageScore): number {
  switch (by) {
    case "first":
      return scores[0]!;
    case "max":
      return Math.max(...scores);
    case "sum":
      return scores.reduce((sum, score) => sum + 1 / (1 + Math.exp(-score)), 0);
  }
}
