/** What the starting model attends to in every document, and what it attends to on average. */
import { resolve } from "node:path";
import { PropriaError } from "@propria/base";
import type { Document } from "@propria/collection";
import {
  type AttentionFile,
  type AttentionSettings,
  attentionPass,
  type ContrastOptions,
  contraster,
  type Flatness,
  flatness,
  type RandomDistribution,
  type RandomDistributionOptions,
  randomCounter,
  wordAttention,
} from "@propria/rop-sampler";
import type { PrepareContext } from "../define-objective.ts";

interface Options
  extends ContrastOptions,
    Pick<RandomDistributionOptions, "randomNormalizer" | "minDocumentFrequency">,
    Omit<AttentionSettings, "maxTokens"> {
  temperature: number;
  attention: string;
  attentionTokens: number;
}

/** What the examples are drawn with; crosses a thread. */
export interface AttendedWords {
  /** Of an `AttentionFile`: the attention to each document, by number. */
  folder: string;
  random: RandomDistribution;
}

/** Documents that the report of flatness looks at, evenly apart. */
const LOOKED_AT = 1000;

/**
 * One pass of the encoder over the corpus, unless an earlier run with this model left its attention, and one over what it found.
 *
 * @throws {PropriaError} `ENCODER_UNTRAINED` for a fresh encoder; those of `attentionPass` and `randomCounter`.
 */
export async function attendedWords(
  documents: AsyncIterable<Document>,
  context: PrepareContext<Options>,
): Promise<AttendedWords> {
  const { options, encoder, tokenizer, backend, corpusHash, work, signal, onProgress, note } = context;
  if (!encoder.trained)
    throw new PropriaError(
      "ENCODER_UNTRAINED",
      "draws words by what the encoder attends to, and a fresh one has learnt nothing",
      {
        at: "b-prop",
        mend: "start from a saved model: --init DIR",
      },
    );
  const model = wordAttention({ ...encoder, tokenizer, backend }, { ...options, maxTokens: options.attentionTokens });
  const folder = resolve(options.attention || work);
  const pass = { model, documents, corpusHash, folder, signal, onProgress };
  const file = await attentionPass(pass).finally(() => model.release());
  try {
    const random = averageOf(file, options);
    note(reportOf(flatnessOf(file, random, options), options));
    return { folder: file.folder, random };
  } finally {
    file.close();
  }
}

function averageOf(file: AttentionFile, options: Options): RandomDistribution {
  const counter = randomCounter(options);
  for (let number = 0; number < file.size; number++) counter.add(file.at(number));
  return counter.finish();
}

function flatnessOf(file: AttentionFile, random: RandomDistribution, options: Options): Flatness {
  const contrast = contraster(random, options);
  const count = Math.min(LOOKED_AT, file.size);
  return flatness(Array.from({ length: count }, (_, i) => contrast(file.at(Math.floor((i * file.size) / count)))));
}

/** A line for whoever waits: at the paper's temperature the draw says next to nothing, and the label all. */
function reportOf({ relativeEntropy, ratio }: Flatness, { temperature }: Options): string {
  const percent = (100 * relativeEntropy).toFixed(2);
  return `word sets are drawn at ${percent} % of the highest entropy: of a document's words the likeliest is ${ratio.toPrecision(3)} times as likely as the unlikeliest (temperature ${temperature})`;
}
