/** CPDAE's theory, measured: does contrast on word distributions lower common words and raise those of one text? */
import { pairedTTest } from "@propria/metrics";
import { defineExperiment, type Expectation } from "../experiment.ts";
import { SMALL_SYSTEMS } from "../recipes/objectives.ts";
import { pretrained } from "../recipes/pretraining.ts";
import { OWN_SMALL } from "../recipes/settings.ts";
import { verdictOf } from "../report/expectations.ts";
import type { DrawFindings } from "../report/figure.ts";
import { type DecodedMassOutput, decodedMassStep } from "../steps/decoded-mass.ts";

const BEFORE = "before training";
const FULL = "CPDAE";
const RECONSTRUCTION = "CPDAE_R";

/** Paragraphs of Wikipedia that are not in the sample that the models read. */
const DOCUMENTS = "xquad-en";

export const cpdaeTheory = defineExperiment({
  name: "cpdae-theory",
  title: "What CPDAE decodes: stop words and words of one text",
  reproduces:
    "the slides' theoretical analysis: contrast on word distributions (1) lowers the probability of common words and (2) raises that of representative ones",
  description:
    "The small models of retrieval-own. Of each of 240 paragraphs that they have not seen, the decoder's distribution over words: the mass on all stop words, and on the " +
    "paragraph's ten words of highest tf-idf. The slides' expression for −JS is 2 ln 2 − 2 JS; a word of one text alone rises only where its p > 1/e, so (2) does not follow from it.",
  published: [],
  seeds: { small: [1] },
  minutes: 20,
  measures: ["nDCG@10"],
  baselines: [],
  expected: [
    claim(
      "contrast lowers the mass on stop words (CPDAE against reconstruction alone)",
      FULL,
      RECONSTRUCTION,
      "stopWords",
      -1,
    ),
    claim(
      "contrast raises the mass on words of high tf-idf (CPDAE against reconstruction alone)",
      FULL,
      RECONSTRUCTION,
      "topWords",
      1,
    ),
    claim("training raises the mass on words of high tf-idf (CPDAE, before and after)", FULL, BEFORE, "topWords", 1),
  ],
  draw,
  plan: (context) => ({
    cells: [],
    findings: context.seeds.flatMap((seed) => {
      const setting = { context, settings: OWN_SMALL, seed };
      const untrained = { ...OWN_SMALL, further: { ...OWN_SMALL.further, steps: 1, learningRate: 1e-12 } };
      const systemOf = (name: string) => SMALL_SYSTEMS.find(({ system }) => system === name)!;
      const models = [
        {
          name: BEFORE,
          model: pretrained({ ...setting, settings: untrained }, { ...systemOf(FULL), system: `${FULL}, ${BEFORE}` }),
        },
        { name: RECONSTRUCTION, model: pretrained(setting, systemOf(RECONSTRUCTION)) },
        { name: FULL, model: pretrained(setting, systemOf(FULL)) },
      ];
      return models.map(({ name, model }) => ({
        ...{ name, seed },
        step: decodedMassStep(`${name}, seed ${seed}`, model, context.data(DOCUMENTS), { top: 10, maxTokens: 128 }),
      }));
    }),
  }),
});

/** @param direction 1 where the first is to have more. */
function claim(
  sentence: string,
  first: string,
  second: string,
  field: keyof DecodedMassOutput["perDocument"],
  direction: 1 | -1,
): Expectation {
  return {
    claim: sentence,
    findings(found) {
      const [a, b] = [first, second].map((name) => found[name] as DecodedMassOutput | undefined);
      if (!a || !b) return undefined;
      const { p, meanDifference } = pairedTTest(a.perDocument[field], b.perDocument[field]);
      const numbers = `${first} ${percent(a[field])}, ${second} ${percent(b[field])}, p = ${p.toPrecision(2)}`;
      return { verdict: verdictOf(direction * meanDifference, p), numbers };
    },
  };
}

function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const masses = findings.map(({ name, seed, value }) => ({
    name: `${name}, seed ${seed}`,
    ...(value as DecodedMassOutput),
  }));
  return {
    charts: [],
    tables: [
      {
        title: "Mass of the decoded distribution",
        columns: ["stop words", "ten words of highest tf-idf", "entropy, nats"],
        rows: masses.map(({ name, stopWords, topWords, entropy }) => ({
          name,
          cells: [{ text: percent(stopWords) }, { text: percent(topWords) }, { text: entropy.toFixed(2) }],
        })),
      },
    ],
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
