/** Validation while a ranker learns: the weights of the moment re-rank the candidates of another split's queries, and the best are kept. */
import { createHash } from "node:crypto";
import { PropriaError } from "@propria/base";
import { DocumentStore, type Query } from "@propria/collection";
import { evaluate, parseMeasure, type Qrels, type Run } from "@propria/metrics";
import type { Evaluated, Json, TrainingEvaluation, TrainingResult } from "@propria/trainer";
import { z } from "zod";
import { type CandidateSearch, type CandidatesChoice, findCandidates } from "./candidates.ts";
import { storedDocuments } from "./documents.ts";
import { type JudgedQueries, requireJudged } from "./judged-queries.ts";
import { positivesOf } from "./negatives/negatives.ts";
import { rerank } from "./rerank.ts";
import type { Reranker } from "./reranker.ts";

/** On what, how and how often a model is validated, and when its training ends before its length. */
export interface Validation {
  /** The split whose judged queries are answered; another than the one that is learnt. */
  split: string;
  /** Default `"bm25"`. A judged query without candidates counts as 0. */
  candidates?: CandidatesChoice | undefined;
  /** Candidates of each query; default 100. */
  depth?: number | undefined;
  /** As `evaluate` takes it; default `"nDCG@10"`. */
  measure?: string | undefined;
  /** Passes over the training queries from one value to the next; default 1. There is one after the last update in any case. */
  every?: number | undefined;
  /** Values in a row without a new best after which training ends; default: it does not end early. */
  patience?: number | undefined;
}

/** What a training that can be validated is told besides. */
export interface Validated {
  /** Default: the last weights are taken as they are. */
  validation?: Validation | undefined;
  /** Called while the candidates are re-ranked, and with the value at the end of it. */
  onValidation?: (progress: ValidationProgress) => void;
}

/** How far a validation is. */
export interface ValidationProgress {
  /** Updates done. */
  step: number;
  pairs: number;
  totalPairs: number;
  measure: string;
  /** There when all pairs are scored. */
  value?: number;
}

/** What validation found. */
export interface ValidationResult {
  measure: string;
  /** The best value, and the updates after which it was found: the model has the weights of that moment. */
  value: number;
  step: number;
  /** All values. */
  values: readonly Evaluated[];
}

const count = z.int().positive();

export const validationForm = z.strictObject({
  split: z.string(),
  candidates: z.union([z.literal("bm25"), z.strictObject({ file: z.string() })]).default("bm25"),
  depth: count.default(100),
  measure: z.string().default("nDCG@10"),
  every: z.number().positive().default(1),
  patience: count.optional(),
});

/** The options with their defaults. */
export type ValidationSettings = z.output<typeof validationForm>;

/** What the value is a function of, besides the weights. */
export interface PreparedValidation {
  settings: ValidationSettings;
  /** Of the answered queries. */
  queries: readonly Query[];
  qrels: Qrels;
  /** At most `depth` documents of each query. */
  candidates: Run;
  /** Folder of the document store. */
  documents: string;
  /** sha256 of all that. */
  hash: string;
}

/** The options with their defaults, by themselves. @throws {PropriaError} `OPTION_INVALID`, `MEASURE`. */
export function parseValidation(validation: Validation): ValidationSettings {
  const { data, error } = validationForm.safeParse(validation);
  if (error) {
    const { path, message } = error.issues[0]!;
    throw new PropriaError("OPTION_INVALID", message, { at: `validation: ${path.join(".")}`, cause: error });
  }
  parseMeasure(data.measure);
  return data;
}

/** Refuses what cannot be before anything is read: a measure that there is not, the split that is learnt. @throws {PropriaError} `MEASURE`, `OPTION_INVALID`. */
export function checkValidation({ split, measure }: ValidationSettings, trained: string): void {
  parseMeasure(measure);
  if (split === trained)
    throw new PropriaError("OPTION_INVALID", `${split} is the split that is learnt`, {
      at: "fine-tuning: validation.split",
      mend: "name another, or validate on a fold by cross-validation",
    });
}

/**
 * Reads the validation queries and finds their candidates.
 *
 * @throws {PropriaError} `NO_TRAINING_QUERIES` for a split without a positive; `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN` for a run over another collection or split.
 */
export async function prepareValidation(
  settings: ValidationSettings,
  collection: JudgedQueries,
  documents: DocumentStore,
  search: Pick<CandidateSearch, "index" | "onProgress">,
): Promise<PreparedValidation> {
  const { split, candidates: origin, depth } = settings;
  const qrels = await collection.qrels(split);
  const queries: Query[] = [];
  for await (const query of collection.queries()) if (qrels.has(query.id)) queries.push(query);
  const found = new Set(queries.map(({ id }) => id).filter((id) => positivesOf(qrels, id).length > 0));
  requireJudged(found, qrels, { name: collection.name, split });

  const candidates = await findCandidates(queries, origin, { documents, depth, split, ...search });
  const answered = queries.filter(({ id }) => candidates.has(id));
  const decisive = [
    [...qrels].map(([id, judged]) => [id, ...judged]),
    answered,
    [...candidates].map(([id, list]) => [id, ...list.map(({ documentId }) => documentId)]),
  ];
  const hash = createHash("sha256").update(JSON.stringify(decisive)).digest("hex");
  return { settings, queries: answered, qrels, candidates, documents: documents.folder, hash };
}

/** What of a validation decides which weights are kept, besides how often there is one. */
export const validationIdentity = ({ settings: { depth, measure }, hash }: PreparedValidation): Json => ({
  ...{ depth, measure, hash },
});

/**
 * A validation as the trainer asks for it. What a model compiles for it is freed after each value: training needs the memory.
 *
 * @param open The model over the weights of the moment.
 */
export function evaluationBy(
  { settings, queries, qrels, candidates, documents }: PreparedValidation,
  open: () => Reranker,
  { signal, onValidation }: Validated & { signal?: AbortSignal | undefined },
): TrainingEvaluation {
  const { every, patience, measure, depth } = settings;
  const value: TrainingEvaluation["value"] = async ({ step }) => {
    const store = DocumentStore.open(documents);
    const model = open();
    try {
      let at = { step, measure, pairs: 0, totalPairs: 0 };
      const run = await rerank(model, candidates, queries, storedDocuments(store), {
        depth,
        onProgress(progress) {
          signal?.throwIfAborted(); // the trainer says what to do then
          at = { ...at, ...progress };
          onValidation?.(at);
        },
      });
      const { measures, mean } = evaluate(qrels, run, [measure]);
      const value = mean[measures[0]!]!;
      onValidation?.({ ...at, value });
      return value;
    } finally {
      store.close();
      await model.release();
    }
  };
  return { value, every: { epochs: every }, ...(patience !== undefined && { patience }) };
}

/** What the trainer's evaluations are called in a result; nothing where there were none. */
export const validationResult = (
  settings: ValidationSettings | undefined,
  { best, evaluations }: Pick<TrainingResult, "best" | "evaluations">,
): { validation?: ValidationResult } =>
  settings && best ? { validation: { measure: settings.measure, ...best, values: evaluations ?? [best] } } : {};
