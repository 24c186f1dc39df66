/** "How does ROP do in the retrieval stage?": the table that motivates the chapter. */
import { defineExperiment } from "../experiment.ts";
import { ROP_IN_RETRIEVAL } from "../published/retrieval.ts";
import { SMALL_SYSTEMS } from "../recipes/objectives.ts";
import { retrievalPlan } from "../recipes/retrieval.ts";
import { OWN_SMALL, STAGE } from "../recipes/settings.ts";

const SYSTEMS = ["MLM", "ICT", "PROP"];

export const ropInRetrieval = defineExperiment({
  name: "rop-in-retrieval",
  title: "PROP as the initialiser of a bi-encoder",
  reproduces: 'the slide "ROP in the retrieval stage" (recall of BM25, BERT, ICT and PROP)',
  description:
    "The small model of our own, pre-trained further with MLM, ICT and PROP, fine-tuned with BM25's negatives. Shares its trainings with retrieval-own.",
  published: [ROP_IN_RETRIEVAL],
  seeds: { small: [1] },
  minutes: 30,
  measures: OWN_SMALL.measures,
  baselines: [{ system: "MLM", mark: "*" }],
  expected: [
    {
      claim: "PROP is better than BERT (MLM) in recall, by little",
      better: { system: "PROP", stage: STAGE.bm25 },
      worse: { system: "MLM", stage: STAGE.bm25 },
      measure: "R@100",
    },
    {
      claim: "PROP is better than ICT in recall of passages",
      better: { system: "PROP", stage: STAGE.bm25 },
      worse: { system: "ICT", stage: STAGE.bm25 },
      measure: "R@100",
    },
    {
      claim: "fine-tuned, all are better than BM25 in recall of passages (PROP)",
      better: { system: "PROP", stage: STAGE.bm25 },
      worse: { system: "BM25", stage: STAGE.any },
      measure: "R@100",
    },
  ],
  plan(context) {
    const stages = OWN_SMALL.finetune.stages.filter(({ stage }) => stage === STAGE.bm25);
    const settings = { ...OWN_SMALL, finetune: { ...OWN_SMALL.finetune, stages } };
    return retrievalPlan(context, settings, {
      systems: SMALL_SYSTEMS.filter(({ system }) => SYSTEMS.includes(system)),
      bm25: true,
    });
  },
});
