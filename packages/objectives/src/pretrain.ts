import type { Corpus } from "@propria/collection";
import type { BackendName } from "@propria/engine";
import type { TrainingProgress } from "@propria/trainer";
import type { EncoderConfig } from "@propria/transformer-core";

/** What a pre-training needs. Paths are folders unless said otherwise. */
export interface Pretraining {
  /** Any corpus: what `openCorpus` opens. */
  corpus: Corpus;
  /** A built-in's name or a path to a `.ts`/`.js` file. */
  objective: string;
  /** The objective's options, as `objectiveOptions` gives them or as the user wrote them (`["cropTokens=32"]`). */
  options?: readonly string[] | Readonly<Record<string, unknown>>;
  /** Where the encoder starts: a saved model, or a fresh one of this shape over this vocabulary (folder or file). */
  start: { init: string } | { config: (vocabSize: number) => EncoderConfig; vocabulary: string };
  /** The model folder to write; must not exist, or hold an unfinished run of the same settings to resume. */
  out: string;
  seed?: number;
  /** Updates; or passes over the corpus. */
  steps?: number;
  epochs?: number;
  /** Examples per step. */
  batch?: number;
  /** Longest row, special tokens included; at most the encoder's positions. */
  maxTokens?: number;
  learningRate?: number;
  warmupRatio?: number;
  /** Steps between checkpoints. */
  checkpointEvery?: number;
  resume?: "auto" | "never" | "must";
  backend?: BackendName;
  threads?: number;
  signal?: AbortSignal;
  onPrepare?: (documents: number) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What came of it. */
export interface PretrainingResult {
  folder: string;
  steps: number;
  loss: number;
}

/** Pre-trains an encoder on a corpus and saves it in the Hugging Face layout. */
export async function pretrain(_: Pretraining): Promise<PretrainingResult> {
  throw new Error("not here yet");
}
