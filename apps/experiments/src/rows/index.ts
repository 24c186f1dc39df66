import type { Experiment } from "../experiment.ts";
import { chinese } from "./chinese.ts";
import { cpdaeTheory } from "./cpdae-theory.ts";
import { embeddingMap } from "./embedding-map.ts";
import { negatives } from "./negatives.ts";
import { retrievalBert, retrievalMinilm, retrievalOwn } from "./retrieval.ts";
import { ropInRetrieval } from "./rop-in-retrieval.ts";

/** The experiments there are, in the order in which the report has them. */
export const rows: readonly Experiment[] = [
  ropInRetrieval,
  retrievalOwn,
  retrievalMinilm,
  retrievalBert,
  negatives,
  cpdaeTheory,
  embeddingMap,
  chinese,
];
