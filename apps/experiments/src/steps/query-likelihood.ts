import { queryLikelihood } from "@propria/lexical";
import type { FolderStep } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { type Language, searchByWords } from "./lexical-search.ts";
import type { RunStep } from "./search.ts";

/** What query likelihood is told; μ in words. */
export interface QueryLikelihoodSettings {
  split: string;
  depth: number;
  language: Language;
  mu: number;
}

/** Query likelihood with Dirichlet smoothing over titles and texts of a collection. */
export const queryLikelihoodStep = (
  label: string,
  collection: FolderStep,
  settings: QueryLikelihoodSettings,
): RunStep =>
  defineStep({
    name: `QL ${label}`,
    kind: "query-likelihood",
    version: 1,
    settings: { ...settings },
    inputs: { collection },
    run(context) {
      const { split, depth, language, mu } = settings;
      return searchByWords(
        context,
        { corpus: collection, collection, split, language },
        (index) => (query) => queryLikelihood(index, query, { mu, depth }),
      );
    },
  });
