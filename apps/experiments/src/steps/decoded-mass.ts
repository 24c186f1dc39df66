import { type Document, openCorpus } from "@propria/collection";
import { decodedMass } from "@propria/objectives";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";

/** Where a word decoder's probability falls: means over documents, and each document in units of 1. */
export type DecodedMassOutput = {
  stopWords: number;
  topWords: number;
  entropy: number;
  perDocument: { stopWords: number[]; topWords: number[] };
};

/** Decodes documents with a CPDAE model. */
export const decodedMassStep = (
  label: string,
  model: FolderStep,
  corpus: FolderStep,
  settings: { top: number; maxTokens: number },
): Step<DecodedMassOutput> =>
  defineStep({
    name: `decoded mass, ${label}`,
    kind: "decoded-mass",
    version: 1,
    settings: { ...settings },
    inputs: { model, corpus },
    async run(context) {
      const documents: Document[] = [];
      for await (const document of (await openCorpus(pathOf(context, corpus))).documents()) documents.push(document);
      const { documents: masses, ...means } = await decodedMass({
        ...settings,
        model: pathOf(context, model),
        documents,
        ...(context.threads !== undefined && { threads: context.threads }),
      });
      const of = (field: "stopWords" | "topWords") => masses.map((mass) => rounded(mass[field]));
      return {
        stopWords: rounded(means.stopWords),
        topWords: rounded(means.topWords),
        entropy: rounded(means.entropy),
        perDocument: { stopWords: of("stopWords"), topWords: of("topWords") },
      };
    },
  });

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
