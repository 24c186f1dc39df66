import { join } from "node:path";
import { openCorpus } from "@propria/collection";
import { defaulted, integer, required, text, toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";
import { writeVocabulary } from "../steps/vocabulary.ts";

/** `propria vocab` */
export default defineCommand({
  description: "Trains a WordPiece vocabulary on a corpus: the same bytes for the same text.",
  examples: ["propria vocab --corpus packages:node_modules --size 8000 --out vocab"],
  flags: {
    corpus: required(text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH")),
    size: required(integer("N", "entries, the five special tokens included", { min: 6 })),
    out: required(text("DIR", "folder to write: vocab.txt, tokenizer.json and their settings")),
    minFrequency: defaulted(integer("N", "a pair of pieces that is rarer is not merged"), 2),
    alphabet: integer(
      "N",
      "characters at most, of which the rest are [UNK]; default: what makes 99.95 % of the text, 1000 at least, within half of --size",
      { min: 1 },
    ),
    cased: toggle("keep capital letters and accents"),
  },
  async run({ corpus, out, ...options }, { progress, print, echoSettings }) {
    mustBeNew(out);
    const { entries, documents } = await writeVocabulary(await openCorpus(corpus), {
      ...options,
      out,
      progress,
      finish: echoSettings,
    });
    const fewer = entries < options.size ? ` (no more pairs occur ${options.minFrequency} times)` : "";
    print(`${join(out, "vocab.txt")}: ${entries} entries from ${documents} documents${fewer}`);
  },
});
