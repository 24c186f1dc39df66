import { seeded } from "@propria/base";
import type { Run } from "@propria/metrics";
import { ranked } from "@propria/metrics";
import { defineStep } from "../graph/step.ts";
import { keepRun, type RunStep, runOf } from "./search.ts";

/** The first `depth` documents of each query in an order that the seed draws: what a head that has learnt nothing does. */
export const randomOrderStep = (
  label: string,
  candidates: RunStep,
  settings: { depth: number; seed: number },
): RunStep =>
  defineStep({
    name: `a random order, ${label}, seed ${settings.seed}`,
    kind: "random-order",
    version: 1,
    settings: { ...settings },
    inputs: { candidates },
    async run(context) {
      const { depth, seed } = settings;
      const orders: Run = new Map();
      for (const [queryId, documents] of await runOf(context, candidates)) {
        const random = seeded(seed, "random order", queryId);
        const top = ranked(documents).slice(0, depth);
        orders.set(queryId, ranked(top.map(({ documentId }) => ({ documentId, score: random() }))));
      }
      return keepRun(context, orders);
    },
  });
