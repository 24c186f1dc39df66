/** A bi-encoder from a model folder, ready to encode. */
import { PropriaError } from "@propria/base";
import {
  type Backend,
  type BackendName,
  type ForwardPass,
  forwardPass,
  frozenWeights,
  openBackend,
} from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import {
  type EncoderConfig,
  type EncodingContract,
  type Json,
  poolerInits,
  readContract,
  readModelCard,
  type Tokens,
} from "@propria/transformer-core";
import { type AdaptedOptions, adaptedScope, loadModel, modelFolder, spaceOf } from "../adapted/adapted-model.ts";
import { refuseTermWeights } from "../deep-ct/marker.ts";
import { BATCH_TOKENS } from "../length-batches.ts";
import { padTexts } from "../pad-texts.ts";
import { trainedTokens } from "../start.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { type TextBatch, textVectors } from "./bi-encoder.ts";
import { encodeBatches } from "./encode-batches.ts";
import { type IdentifiedText, type IdentifiedVectors, inWindows, type Windows } from "./encode-stream.ts";
import { SPECIAL_TOKENS, textRow } from "./text-input.ts";

/** What a text is: a query or a document. Prefixes and lengths may differ, the encoder does not. */
export type Side = "query" | "document";

/** How a bi-encoder is opened. What is left out of the contract is what the folder says. */
export interface BiEncoderOptions extends AdaptedOptions {
  /** A backend that is open already, or the name of one to open; default `onnx`. */
  backend?: Backend | BackendName;
  /** Threads of one operation, when the backend is opened here. */
  threads?: number;
  /** Tokens of a forward pass, padding included; default 1024. More needs more memory and is not faster on a processor. */
  batchTokens?: number;
  /** Where the vector is taken from; of an encoder that says nothing, `"cls"`. */
  pooling?: EncodingContract["pooling"];
  /** How vectors are compared; of an encoder that says nothing, `"dot"`. */
  similarity?: "dot" | "cosine";
  /** Vectors of length 1; of an encoder that says nothing, those of similarity `"cosine"`. */
  normalize?: boolean;
  /** Longest text, special tokens included; of an encoder that says nothing, what it was trained on, else all its positions. */
  maxTokens?: number;
  /** Stands before each query, and before each document. */
  queryPrefix?: string;
  documentPrefix?: string;
}

/** A loaded bi-encoder. The same call gives the same bits; a text's vector depends on the texts beside it by rounding alone. */
export interface BiEncoder {
  readonly config: EncoderConfig;
  /** How a text becomes a vector. */
  readonly contract: EncodingContract;
  /** Members of the contract that nothing said, neither the folder nor the options, and that are the defaults. */
  readonly assumed: readonly (keyof EncodingContract)[];
  /** The contract and what else decides the numbers: vectors of two models may be compared where all of it is equal. */
  readonly space: Readonly<Record<string, Json>>;
  /** Length of a vector. */
  readonly dimensions: number;
  /**
   * The vectors of queries, `[n · dimensions]`, in their order.
   *
   * @throws {PropriaError} `VECTOR_NOT_FINITE` naming the text, when the weights give no number.
   */
  encodeQueries(texts: readonly string[]): Promise<Float32Array>;
  /** The vectors of documents' texts (`documentText` of `@propria/collection`), likewise. */
  encodeDocuments(texts: readonly string[]): Promise<Float32Array>;
  /** Vectors of any number of texts in their order, a window at a time, whose texts are encoded with those of their length. */
  encodeStream(
    texts: AsyncIterable<IdentifiedText> | Iterable<IdentifiedText>,
    options: { side: Side } & Windows,
  ): AsyncGenerator<IdentifiedVectors>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

const SESSIONS = 12; // widths in use at a time; compiling one again takes less than a batch or two

/** Parameters of a checkpoint that a bi-encoder has no use for. */
export const OTHER_HEADS = ["cls", "classifier", "bert.pooler"];

/**
 * Loads a bi-encoder: a folder from here, that of an adapter or of PEFT, one of sentence-transformers, or a bare BERT. Of a bare BERT nobody knows how its
 * vectors are meant; then CLS and dot product are assumed, unless the options say otherwise, and `assumed` says so.
 *
 * @throws {PropriaError} `NOT_A_BI_ENCODER` for a model that reads pairs, unless pooling and similarity are given; `OPTION_INVALID`
 *   for a length that the encoder has no positions for; what `transformer-core` and `tokenizer` throw for damaged files.
 * @see Reimers and Gurevych, "Sentence-BERT", EMNLP 2019. https://arxiv.org/abs/1908.10084
 */
export async function openBiEncoder(folder: string, options: BiEncoderOptions = {}): Promise<BiEncoder> {
  const { backend = "onnx", threads, batchTokens = BATCH_TOKENS, base, adapters, ...given } = options;
  const said = await saidBy(folder, options);
  const withPooler = (given.pooling ?? said?.pooling) === "pooler";
  const loaded = await loadModel(folder, {
    ...{ drop: withPooler ? OTHER_HEADS.slice(0, 2) : OTHER_HEADS },
    ...(withPooler && { heads: poolerInits }),
    ...withoutUndefined({ base, adapters }),
  });
  const { config, parameters, attachment } = loaded;
  const { contract, assumed } = await contractOf(folder, config, said, given);
  const tokenizer = await Tokenizer.load(loaded.folder);
  const space = await spaceOf(loaded, contract);
  const opened = typeof backend === "string" ? await openBackend(backend, { threads }) : backend;
  const pass = forwardPass<TextBatch>({
    backend: opened,
    store: frozenWeights(parameters),
    sessions: SESSIONS,
    run: (weights, batch) => ({
      vectors: textVectors(adaptedScope(weights, attachment), batch as Tokens, config, contract),
    }),
  });
  return biEncoderOf({ config, contract, assumed, space, tokenizer, batchTokens, pass });
}

/** What the folder says of single texts. Of a model that reads pairs that is nothing, and the options have to. */
async function saidBy(folder: string, { base, ...given }: BiEncoderOptions): Promise<EncodingContract | undefined> {
  const card = await readModelCard(folder);
  refuseTermWeights(card, folder, "NOT_A_BI_ENCODER");
  const said = card?.contract ?? (await readContract(await modelFolder(folder, base)));
  if (said?.texts === "single" && said.similarity !== "head") return said;
  if (said && (given.pooling === undefined || given.similarity === undefined))
    throw new PropriaError("NOT_A_BI_ENCODER", "this model reads query and document together", {
      at: folder,
      mend: "open it as a cross-encoder, fine-tune a bi-encoder from it, or give pooling and similarity",
    });
  return undefined;
}

/** What the options say, else the folder, else a default. */
async function contractOf(
  folder: string,
  config: EncoderConfig,
  said: EncodingContract | undefined,
  given: Omit<BiEncoderOptions, "backend" | "threads" | "batchTokens" | keyof AdaptedOptions>,
): Promise<Pick<BiEncoder, "contract" | "assumed">> {
  const similarity = given.similarity ?? (said?.similarity as "dot" | "cosine" | undefined) ?? "dot";
  const trained = said ? undefined : trainedTokens(await readModelCard(folder));
  const contract: EncodingContract = {
    texts: "single",
    maxTokens: given.maxTokens ?? said?.maxTokens ?? trained ?? config.maxPositions,
    ...(said?.maxQueryTokens !== undefined && { maxQueryTokens: said.maxQueryTokens }),
    queryPrefix: given.queryPrefix ?? said?.queryPrefix ?? "",
    documentPrefix: given.documentPrefix ?? said?.documentPrefix ?? "",
    pooling: given.pooling ?? said?.pooling ?? "cls",
    normalize: given.normalize ?? said?.normalize ?? similarity === "cosine",
    similarity,
  };
  if (contract.maxTokens > config.maxPositions || contract.maxTokens <= SPECIAL_TOKENS)
    throw new PropriaError(
      "OPTION_INVALID",
      `the encoder has ${config.maxPositions} positions, found ${contract.maxTokens}`,
      {
        at: `${folder}: maxTokens`,
      },
    );
  const guessed = ["pooling", "similarity"] as const;
  return { contract, assumed: said ? [] : guessed.filter((name) => given[name] === undefined) };
}

interface Parts extends Pick<BiEncoder, "config" | "contract" | "assumed" | "space"> {
  tokenizer: Tokenizer;
  batchTokens: number;
  pass: ForwardPass<TextBatch>;
}

function biEncoderOf({ tokenizer, batchTokens, pass, ...said }: Parts): BiEncoder {
  const { config, contract } = said;
  const { maxTokens, maxQueryTokens } = contract;
  const longest = {
    document: maxTokens,
    query: maxQueryTokens === undefined ? maxTokens : Math.min(maxTokens, maxQueryTokens + SPECIAL_TOKENS),
  };
  const prefix = { query: contract.queryPrefix, document: contract.documentPrefix };
  const encode = (texts: readonly string[], side: Side) =>
    encodeBatches(
      texts.map((text) => textRow(tokenizer, prefix[side] + text, longest[side])),
      {
        ...{ batchTokens, maxTokens: longest[side], dimensions: config.hiddenSize },
        async run(rows, shape) {
          const { vectors } = await pass.run(padTexts(rows, { ...shape, padId: config.padId }));
          return vectors!.data as Float32Array;
        },
      },
    );
  return {
    ...said,
    dimensions: config.hiddenSize,
    encodeQueries: (texts) => encode(texts, "query"),
    encodeDocuments: (texts) => encode(texts, "document"),
    encodeStream: (texts, { side, ...windows }) => inWindows(texts, (part) => encode(part, side), windows),
    release: () => pass.release(),
  };
}
