/** Fine-tuning a bi-encoder on the judgements of a collection. */
import { PropriaError } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { readContract, readModelCard, tokenizerHash } from "@propria/transformer-core";
import { loadModel } from "../adapted/adapted-model.ts";
import { trainedAdapter } from "../adapted/adapting.ts";
import { tellPreparation } from "../fine-tuning.ts";
import { refuseOther, workFolder } from "../out-folder.ts";
import { trainModel } from "../train-model.ts";
import { type NegativesChoice, nameOf, prepareTrainingData, type TrainingData } from "../training-data.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { biEncoderLoss } from "./bi-encoder-loss.ts";
import { type BiEncoderBatch, type BiEncoderSourceOptions, openSource } from "./bi-encoder-source.ts";
import type { BiEncoderStart, BiEncoderTraining, BiEncoderTrainingResult } from "./bi-encoder-training.ts";
import type { ContrastOptions } from "./contrast.ts";
import { OTHER_HEADS } from "./open-bi-encoder.ts";
import { SPECIAL_TOKENS } from "./text-input.ts";
import { contractOf, type Settings, settingsOf, temperatureOf } from "./training-settings.ts";

/**
 * Fine-tunes a bi-encoder and saves it in the layout that `openBiEncoder` and sentence-transformers load. One encoder reads queries
 * and passages; no pooler. Each epoch visits every training query with one positive and the next of its negatives, and a
 * query's positive is to score above all other passages of the batch. Stopped at any instant and called again, it goes on from
 * its last checkpoint to the same weights.
 *
 * COSTA's fine-tuning (Ma et al., SIGIR 2022; a fork of Tevatron) differs:
 * - it takes false negatives for negatives: `falseNegatives: "keep"` does;
 * - its first stage has the negatives of MS MARCO's official triples, 30 of each query; here they are drawn from BM25's top `negativesDepth`;
 * - a passage reads `title [SEP] text` there, and here title, space, text;
 * - its batches are random ones of an epoch, padded to the longest passage, and each epoch drops its incomplete one. Here the passages of a
 *   batch are of similar length; examples that fill no batch wait for those of the next epoch, and what is left of the last is dropped.
 *
 * @throws {PropriaError} `OPTION_INVALID`; `OUTPUT_EXISTS`; `CHECKPOINT`; `ADAPTER_OPTION`, `ADAPTER_SITE`, `ADAPTER_INIT`, `ADAPTER_BASE`; `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`,
 *   `TOO_FEW_DOCUMENTS`, `NEGATIVES_LINE`, `TEACHER_SILENT` for a run without a score of any training document; what the trainer throws:
 *   `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 * @see Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering", EMNLP 2020. https://arxiv.org/abs/2004.04906
 */
export async function finetuneBiEncoder(training: BiEncoderTraining): Promise<BiEncoderTrainingResult> {
  const { collection, init, out, negatives = "bm25" } = training;
  const settings = settingsOf(training);
  const { split, negativesDepth, keep, groupSize, positives, distill, seed, steps, epochs = 3 } = settings;
  const { batch, chunk, learningRate, weightDecay, warmupRatio, remainder } = settings;
  refuseOther(training);

  const { base, adapters } = training;
  const start = await loadModel(init, { drop: OTHER_HEADS, ...withoutUndefined({ base, adapters }) });
  const { folder: model, config, parameters } = start;
  const adapting = await trainedAdapter(training, start);
  const said = (await readModelCard(init))?.contract ?? (await readContract(model));
  const contract = contractOf(settings, said, config.maxPositions);
  const tokenizer = await Tokenizer.load(model);
  const data = await prepareTrainingData(workFolder(out), collection, {
    ...{ split, keep, seed, groupSize, tokenizer, queryPrefix: contract.queryPrefix, teacher: distill?.run },
    negatives: negatives === "in-batch" ? () => [] : negatives,
    depth: negativesDepth ?? depthOf(negatives),
    onPrepare: (preparation) => tellPreparation(training, preparation),
  });
  if (distill && data.taught === 0)
    throw new PropriaError("TEACHER_SILENT", "has a score of none of the training queries' documents", {
      at: distill.run,
      mend: "score the positives and the negatives of the training queries with the teacher",
    });
  const { queries, shortOfNegatives, taught, corpusHash, groupsHash } = data;
  const beginning: BiEncoderStart = { contract, queries, shortOfNegatives, taught };
  training.onStart?.(beginning);

  const how: ContrastOptions = {
    temperature: temperatureOf(settings, contract),
    symmetric: settings.symmetric,
    falseNegatives: settings.falseNegatives,
    distill: distill && { loss: distill.loss, weight: distill.weight },
  };
  const seen = { steps: 0, falseNegatives: 0 };
  const onProgress: BiEncoderTraining["onProgress"] = (progress) => {
    seen.steps++;
    seen.falseNegatives += progress.parts.falseNegatives ?? 0;
    training.onProgress?.(progress);
  };
  const { seed: _, split: __, ...options } = settings;
  const result = await trainModel<BiEncoderBatch, BiEncoderSourceOptions>(
    { ...training, onProgress },
    {
      ...{ model, config, parameters, tokenizer, contract, adapting },
      source: {
        ...{ module: "bi-encoder-source", openSource },
        options: sourceOptions(settings, data, { tokenizer: model, documentPrefix: contract.documentPrefix }),
      },
      loss: biEncoderLoss(config, contract, how, adapting?.attachment),
      identity: {
        ...{ task: "bi-encoder", groupSize, positives, ...how, contract },
        ...{ tokenizer: tokenizerHash(tokenizer), corpus: corpusHash, queries: groupsHash },
      },
      settings: {
        ...{ seed, steps, epochs, batch, chunk, learningRate, warmupRatio, remainder },
        ...{ optimizer: { weightDecay }, maxTokens: contract.maxTokens },
      },
      provenance: {
        objective: "bi-encoder",
        options: { ...options, ...how, split, negatives: negatives === "in-batch" ? negatives : nameOf(negatives) },
        corpusHash,
      },
    },
  );
  const falseNegatives = seen.steps === 0 ? 0 : seen.falseNegatives / seen.steps;
  return { ...result, falseNegatives, ...beginning };
}

const DEPTH = 200; // of a ranking: COSTA's of a model's; of BM25's a guess

/** Of JSON lines all that stand there, and a function cuts for itself. */
const depthOf = (negatives: NegativesChoice | "in-batch"): number | undefined =>
  negatives === "bm25" || (typeof negatives === "object" && !/\.jsonl(\.gz)?$/.test(negatives.file))
    ? DEPTH
    : undefined;

/** Queries are padded to one width, so that few shapes are compiled: that of the longest, up to a multiple of this, in tokens. */
const QUERY_STEP = 8;

function sourceOptions(
  { groupSize, positives, queryTokens, maxTokens, distill, seed }: Settings,
  { groups, documents, mostPositives, longestQuery }: TrainingData,
  files: Pick<BiEncoderSourceOptions, "tokenizer" | "documentPrefix">,
): BiEncoderSourceOptions {
  const longest = Math.ceil((longestQuery + SPECIAL_TOKENS) / QUERY_STEP) * QUERY_STEP;
  return {
    ...{ groups, documents, mostPositives, groupSize, positives, maxTokens, seed, teacher: distill !== undefined },
    ...files,
    queryTokens: Math.min(queryTokens, longest),
  };
}
