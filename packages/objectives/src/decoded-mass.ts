import { PropriaError } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
import { type Backend, type BackendName, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { type StopWordListName, stopWordList, Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { clsPooling, encode, loadCheckpoint, readHeads, type Tokens } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { isTiedWordDecoder, wordDecoderInits, wordLogProbabilities } from "./toolkit/index.ts";

/** What is measured, of which model. */
export interface DecodedMassOptions {
  /** A folder that `pretrain` saved with a word decoder: the encoder, and the decoder in `heads.safetensors`. */
  model: string;
  /** What is decoded; document frequencies are counted over them. */
  documents: readonly Document[];
  /** Words without content: a list's name or a set of lower-cased words; default `"english"`. */
  stopWords?: StopWordListName | ReadonlySet<string>;
  /** How many of a document's words are its top ones; default 10. */
  top?: number;
  /** Tokens of a document that are read, special ones included; default: all positions of the encoder. */
  maxTokens?: number;
  /** Documents of a forward pass; default 32. */
  batch?: number;
  /** A backend that is open already, or the name of one to open; default `onnx`. */
  backend?: Backend | BackendName;
  /** Threads of one operation, when the backend is opened here. */
  threads?: number;
}

/** Probabilities of one document's decoded distribution, summed. */
export interface DocumentMass {
  id: string;
  /** Mass of all stop words of the vocabulary. */
  stopWords: number;
  /** Mass of the document's words of highest tf-idf; 0 where it has none, and then the mean over documents leaves it out. */
  topWords: number;
  /** How many those words are: at most `top`, 0 for a document of stop words, or of words of several pieces. */
  topWordCount: number;
  /** Entropy of the distribution, nats; ln |V| where it is flat. */
  entropy: number;
}

/** Means over the documents, and each of them. */
export interface DecodedMass extends Omit<DocumentMass, "id" | "topWordCount"> {
  /** In the order given, without those that have no token. */
  documents: DocumentMass[];
}

/**
 * What a word decoder says of documents: how much probability falls on stop words, and how much on each document's words of highest tf-idf.
 * It measures what CPDAE's theory claims, that contrast lowers the one and raises the other: compare two models on the same documents.
 *
 * A document is `[CLS] text [SEP]` without masks, cut at its end. Words of one piece are counted, for the pieces of longer words belong to
 * several words. tf-idf is tf · ln(N / df), of the part that is read; ties go to the smaller token id, and a word of all documents is never a
 * top word.
 *
 * @throws {PropriaError} `NO_WORD_DECODER` for a model without one; what `transformer-core` and `tokenizer` throw for damaged files.
 * @example
 * const { stopWords, topWords } = await decodedMass({ model: "runs/cpdae", documents });
 */
export async function decodedMass({
  model,
  documents,
  stopWords = "english",
  top = 10,
  batch = 32,
  backend = "onnx",
  threads,
  ...limits
}: DecodedMassOptions): Promise<DecodedMass> {
  const { config, parameters } = await loadCheckpoint(model, { drop: ["cls", "classifier", "bert.pooler"] });
  const heads = await readHeads(model);
  const tied = isTiedWordDecoder(heads);
  const missing = Object.keys(wordDecoderInits(config, { tied })).filter((name) => !Object.hasOwn(heads, name));
  if (missing.length > 0)
    throw new PropriaError("NO_WORD_DECODER", `has no ${missing[0]}`, {
      at: model,
      mend: "give a model that was pre-trained with a word decoder, as cpdae has",
    });
  const tokenizer = await Tokenizer.load(model);
  const maxTokens = Math.min(limits.maxTokens ?? config.maxPositions, config.maxPositions);

  const stopIds = wordIds(typeof stopWords === "string" ? stopWordList(stopWords) : stopWords, tokenizer);
  const bodies = documents.map((document) => tokenizer.encode(documentText(document)).slice(0, maxTokens - 2));
  const topIds = topWords(bodies, { stopIds, top, tokenizer });

  const pass = forwardPass({
    backend: typeof backend === "string" ? await openBackend(backend, { threads }) : backend,
    store: frozenWeights({ ...parameters, ...heads }),
    run(weights, { inputIds, attentionMask }: Record<keyof Omit<Tokens, "tokenTypeIds">, Tensor2D>) {
      const root = scope(weights);
      const hidden = encode(root.at("bert"), { inputIds, attentionMask }, config); // [B, T, H]
      return { logP: wordLogProbabilities(root, clsPooling(hidden), { config, tied }) }; // [B, V]
    },
  });
  const { pad } = collateContext(lengthBuckets(maxTokens, batch), { bucketTokens: maxTokens, padId: tokenizer.padId });

  const masses = new Map<number, DocumentMass>();
  try {
    const order = [...bodies.keys()]
      .filter((i) => bodies[i]!.length > 0)
      .sort((a, b) => bodies[a]!.length - bodies[b]!.length);
    for (let from = 0; from < order.length; from += batch) {
      const chosen = order.slice(from, from + batch);
      const rows = chosen.map((i) => [tokenizer.clsId, ...bodies[i]!, tokenizer.sepId]);
      const { inputIds, attentionMask } = pad(rows);
      const { logP } = await pass.run({ inputIds, attentionMask });
      const data = logP!.data as Float32Array;
      chosen.forEach((i, row) => {
        const own = data.subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
        const entropy = -own.reduce((sum, each) => sum + Math.exp(each) * each, 0);
        const of = (ids: Iterable<number>) => [...ids].reduce((sum, id) => sum + Math.exp(own[id]!), 0);
        masses.set(i, {
          id: documents[i]!.id,
          stopWords: of(stopIds),
          topWords: of(topIds[i]!),
          topWordCount: topIds[i]!.length,
          entropy,
        });
      });
    }
  } finally {
    await pass.release();
  }
  const measured = [...masses.keys()].sort((a, b) => a - b).map((i) => masses.get(i)!);
  const mean = (of: readonly DocumentMass[], value: (mass: DocumentMass) => number) =>
    of.reduce((sum, mass) => sum + value(mass), 0) / Math.max(1, of.length);
  const withTopWords = measured.filter((mass) => mass.topWordCount > 0);
  return {
    stopWords: mean(measured, (mass) => mass.stopWords),
    topWords: mean(withTopWords, (mass) => mass.topWords),
    entropy: mean(measured, (mass) => mass.entropy),
    documents: measured,
  };
}

/** The ids of those words that the vocabulary has as one piece. */
function wordIds(words: ReadonlySet<string>, tokenizer: Tokenizer): Set<number> {
  const found = [...words].map((word) => tokenizer.encode(word)).filter((ids) => ids.length === 1);
  return new Set(found.flat().filter((id) => !tokenizer.specialIds.has(id)));
}

/** For each document the ids of its words of highest tf-idf, at most `top`. */
function topWords(
  bodies: readonly (readonly number[])[],
  { stopIds, top, tokenizer }: { stopIds: ReadonlySet<number>; top: number; tokenizer: Tokenizer },
): number[][] {
  const counts = bodies.map((ids) => countWords(ids, stopIds, tokenizer));
  const documentFrequency = new Map<number, number>();
  for (const id of counts.flatMap((count) => [...count.keys()]))
    documentFrequency.set(id, (documentFrequency.get(id) ?? 0) + 1);
  return counts.map((count) =>
    [...count]
      .map(([id, frequency]) => ({ id, weight: frequency * Math.log(bodies.length / documentFrequency.get(id)!) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight || a.id - b.id)
      .slice(0, top)
      .map(({ id }) => id),
  );
}

/** How often each word of one piece occurs that is neither a stop word nor punctuation. */
function countWords(
  ids: readonly number[],
  stopIds: ReadonlySet<number>,
  tokenizer: Tokenizer,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  ids.forEach((id, i) => {
    const next = ids[i + 1];
    const partOfWord = tokenizer.isContinuation(id) || (next !== undefined && tokenizer.isContinuation(next));
    if (partOfWord || tokenizer.specialIds.has(id) || stopIds.has(id)) return;
    if (/[\p{L}\p{N}]/u.test(tokenizer.tokenOf(id))) counts.set(id, (counts.get(id) ?? 0) + 1);
  });
  return counts;
}
