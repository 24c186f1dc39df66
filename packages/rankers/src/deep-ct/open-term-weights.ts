/** A trained DeepCT model to use: texts in, a weight for each word out. */
import { PropriaError } from "@propria/base";
import { type Backend, type BackendName, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type EncoderConfig, loadCheckpoint, readModelCard, type Tokens } from "@propria/transformer-core";
import type { TextBatch } from "../bi-encoder/bi-encoder.ts";
import { BATCH_TOKENS, lengthBatches } from "../length-batches.ts";
import { padTexts } from "../pad-texts.ts";
import type { WeighedWord } from "./frequencies.ts";
import { requireTermWeights } from "./marker.ts";
import { type PassageRow, passageRows } from "./passage-rows.ts";
import { termWeightInits, tokenWeights } from "./term-weight-model.ts";

/** How a model is opened. */
export interface TermWeightsOptions {
  /** A backend that is open already, or the name of one to open; default `onnx`. */
  backend?: Backend | BackendName;
  /** Threads of one operation, when the backend is opened here. */
  threads?: number;
  /** Tokens of a forward pass, padding included; default 1024. */
  batchTokens?: number;
  /** Longest passage that is read at once; default: what the model was trained on. */
  maxTokens?: number;
  /** A longer text is cut at its end (`"cut"`), or read in windows. Default: as the model was trained. */
  longPassages?: "cut" | "windows";
}

/** A loaded model of term weights. */
export interface TermWeights {
  readonly config: EncoderConfig;
  readonly maxTokens: number;
  /**
   * The words of each text in order, with the weight of their first piece; a word that stands twice is there twice. A text without words
   * has none. Words beyond the model's length have none either, unless it reads windows.
   *
   * @throws {PropriaError} `SCORE_NOT_FINITE` naming the text.
   */
  weigh(texts: readonly string[]): Promise<WeighedWord[][]>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

const SESSIONS = 12; // one for each width of a row, and a few of smaller batches

/**
 * Loads a model that {@link trainTermWeights} saved.
 *
 * @throws {PropriaError} `NOT_TERM_WEIGHTS` for a model of another kind; what `transformer-core` and `tokenizer` throw for damaged files.
 */
export async function openTermWeights(
  folder: string,
  { backend = "onnx", threads, batchTokens = BATCH_TOKENS, ...given }: TermWeightsOptions = {},
): Promise<TermWeights> {
  const card = await readModelCard(folder);
  requireTermWeights(card, folder);
  const { config, parameters } = await loadCheckpoint(folder, { heads: termWeightInits });
  const tokenizer = await Tokenizer.load(folder);
  const trained = (card?.provenance.options ?? {}) as { maxTokens?: number; longPassages?: "cut" | "windows" };
  const maxTokens = Math.min(given.maxTokens ?? trained.maxTokens ?? config.maxPositions, config.maxPositions);
  const longPassages = given.longPassages ?? trained.longPassages ?? "cut";
  const opened = typeof backend === "string" ? await openBackend(backend, { threads }) : backend;
  const pass = forwardPass<TextBatch>({
    backend: opened,
    store: frozenWeights(parameters),
    sessions: SESSIONS,
    run: (weights, batch) => ({ weights: tokenWeights(scope(weights), batch as Tokens, config) }),
  });

  /** The weight of each word of a row. */
  async function weighRows(rows: readonly PassageRow[]): Promise<Map<PassageRow, number[]>> {
    const found = new Map<PassageRow, number[]>();
    const batches = lengthBatches(rows, { tokensOf: ({ ids }) => ids.length, batchTokens, maxTokens });
    for (const { rows: batch, ...shape } of batches) {
      const ids = batch.map((row) => row.ids);
      const { weights } = await pass.run(padTexts(ids, { ...shape, padId: config.padId }));
      for (const [i, row] of batch.entries())
        found.set(
          row,
          row.positions.map((position) => weights!.data[i * shape.width + position]!),
        );
    }
    return found;
  }

  return {
    config,
    maxTokens,
    async weigh(texts) {
      const rows = texts.map((text) => passageRows(tokenizer, text, { maxTokens, longPassages }));
      const found = await weighRows(rows.flat());
      return rows.map((ofText, place) =>
        ofText.flatMap((row) => {
          const weights = found.get(row)!;
          if (!weights.every(Number.isFinite)) throw notFinite(place);
          return row.words.map((word, i) => ({ word, weight: weights[i]! }));
        }),
      );
    },
    release: () => pass.release(),
  };
}

const notFinite = (place: number) =>
  new PropriaError("SCORE_NOT_FINITE", `the model's weight of a word of text ${place} is not a finite number`, {
    mend: "its weights are damaged, or its training diverged",
  });
