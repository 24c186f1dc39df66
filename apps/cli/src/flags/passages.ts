import { type PassageReading, passageScores } from "@propria/rankers";
import { given } from "../program/given.ts";
import { choice, integer, type Values } from "./flag.ts";
import { refuseForeign } from "./foreign.ts";

/** How a model that scores pairs reads long documents; `unsaid` tells what is done where nothing is said. */
export const passageFlags = (unsaid: string) =>
  ({
    passages: choice(
      passageScores,
      `a document's score: of its start, of its best passage, or the sum of its passages' probabilities; default: ${unsaid}`,
    ),
    passageWords: integer("N", "words of a passage; where the model does not know better, 150"),
    passageStride: integer("N", "words from the start of a passage to the next; likewise half of --passage-words"),
    passagesMost: integer("N", "passages of a document that are read; likewise 30"),
  }) as const;

type PassageFlags = Values<ReturnType<typeof passageFlags>>;

/**
 * What the flags ask for; undefined where they ask for nothing.
 *
 * @param learnt Whether passages are learnt from, so that there are windows whatever a document's score is.
 * @throws {PropriaError} `FLAG_CONFLICT`.
 */
export function readingOf(flags: PassageFlags, learnt = false): PassageReading | undefined {
  const { passages: score, passageWords, passageStride, passagesMost } = flags;
  const windows = { passageWords, passageStride, passagesMost };
  if (score === "first" && !learnt) refuseForeign(windows, "--passages first");
  const asked = given({ score, words: passageWords, stride: passageStride, most: passagesMost });
  return Object.keys(asked).length === 0 ? undefined : asked;
}
