import type { Experiment } from "../experiment.ts";
import { adapterGradients } from "./adapter-gradients.ts";
import { adapterLearningRates } from "./adapter-learning-rates.ts";
import { adapterLoss } from "./adapter-loss.ts";
import { chinese } from "./chinese.ts";
import { cpdaeTheory } from "./cpdae-theory.ts";
import { embeddingMap } from "./embedding-map.ts";
import { negatives } from "./negatives.ts";
import { petRanking, petRankingFolds, petRankingMarco, petRetrieval, petRetrievalMarco } from "./pet.ts";
import { rankingBert, rankingMinilm, rankingMinilmFolds, rankingOwn, rankingOwnFolds } from "./ranking.ts";
import { rankingLowResource } from "./ranking-low-resource.ts";
import { rankingMarco } from "./ranking-marco.ts";
import { retrievalBert, retrievalMinilm, retrievalOwn } from "./retrieval.ts";
import { ropInRetrieval } from "./rop-in-retrieval.ts";
import { ropSampling } from "./rop-sampling.ts";
import { ropSteps } from "./rop-steps.ts";
import { termDistribution } from "./term-distribution.ts";

/** The experiments there are, in the order in which the report has them. */
export const rows: readonly Experiment[] = [
  rankingOwn,
  rankingOwnFolds,
  rankingMinilm,
  rankingMinilmFolds,
  rankingBert,
  rankingMarco,
  rankingLowResource,
  ropSampling,
  ropSteps,
  termDistribution,
  ropInRetrieval,
  retrievalOwn,
  retrievalMinilm,
  retrievalBert,
  negatives,
  cpdaeTheory,
  embeddingMap,
  petRetrieval,
  petRanking,
  petRankingFolds,
  petRetrievalMarco,
  petRankingMarco,
  adapterLearningRates,
  adapterLoss,
  adapterGradients,
  chinese,
];
