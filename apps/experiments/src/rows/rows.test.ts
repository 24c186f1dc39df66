import { describeOptions, loadObjective, objectiveOptions } from "@propria/objectives";
import { describe, expect, it } from "vitest";
import { defineExperiment, type Plan, type PlanContext } from "../experiment.ts";
import { source } from "../graph/source.ts";
import type { Step } from "../graph/step.ts";
import { listExperiments } from "../list-experiments.ts";
import { examplesFor, RANKING_SYSTEMS, RETRIEVAL_SYSTEMS } from "../recipes/objectives.ts";
import { STAGE } from "../recipes/settings.ts";
import { FULL_PATHS } from "../settings/paths.ts";
import { rows } from "./index.ts";

const planOf = (name: string): Plan => {
  const row = rows.find((each) => each.name === name)!;
  const scale = row.seeds.small ? "small" : "full";
  const named = new Map<string, ReturnType<typeof source>>();
  const open = (what: string) => {
    named.set(what, named.get(what) ?? source(what, `/${what}`));
    return named.get(what)!;
  };
  const context: PlanContext = { scale, seeds: row.seeds[scale]!, data: open, model: open };
  return row.plan(context);
};

/** A plan's steps, by name: two steps of one name must be one. */
function stepsOf(plan: Plan): Map<string, Step> {
  const found = new Map<string, Step>();
  const visit = (step: Step) => {
    const told = ({ settings, version, kind }: Step) => JSON.stringify([kind, version, settings]);
    const known = found.get(step.name);
    if (known && told(known) !== told(step)) throw new Error(`two steps are called ${step.name}`);
    found.set(step.name, step);
    for (const input of Object.values(step.inputs)) visit(input);
  };
  for (const { step } of [...plan.cells, ...(plan.curves ?? []), ...(plan.findings ?? [])]) visit(step);
  return found;
}

/** All that makes a step, without names. */
const told = ({ kind, version, settings, inputs, source: path }: Step): string =>
  JSON.stringify([kind, version, settings, path, Object.entries(inputs).map(([name, step]) => [name, told(step)])]);

describe.each(rows.map(({ name }) => name))("row %s", (name) => {
  const row = rows.find((each) => each.name === name)!;

  it("plans steps whose names are different", () => {
    expect(stepsOf(planOf(name)).size).toBeGreaterThan(3);
  });

  it("expects something of systems and stages that it has", () => {
    const { cells } = planOf(name);
    for (const expectation of row.expected) {
      if (!("measure" in expectation)) continue;
      for (const { system, stage } of [expectation.better, expectation.worse])
        expect(
          cells.some((cell) => cell.system === system && (cell.stage === stage || cell.stage === STAGE.any)),
          `${system}, ${stage}`,
        ).toBe(true);
    }
    for (const { system } of row.baselines) expect(cells.some((cell) => cell.system === system)).toBe(true);
  });

  it("reads at scale full what a file of paths can name", () => {
    if (!row.seeds.full) return;
    for (const { source: path, name: data } of stepsOf(planOf(name)).values())
      if (path !== undefined) expect(FULL_PATHS, data).toHaveProperty([data]);
  });

  it("has the thesis' tables whole", () => {
    for (const { columns, rows: lines, title } of row.published)
      for (const { system, values, marks } of lines) {
        expect(values, `${title}: ${system}`).toHaveLength(columns.length);
        if (marks) expect(marks, `${title}: ${system}`).toHaveLength(columns.length);
      }
  });

  it("gives every objective options that it has", async () => {
    for (const step of stepsOf(planOf(name)).values()) {
      if (step.kind !== "pretrain") continue;
      const { objective, options = {} } = step.settings as { objective: string; options?: Record<string, unknown> };
      objectiveOptions(await loadObjective(objective), options);
    }
  });
});

describe("listExperiments", () => {
  it("has every row with its scales and minutes", () => {
    expect(listExperiments().map(({ name, scales }) => [name, ...scales])).toEqual([
      ["ranking-own", "small"],
      ["ranking-own-folds", "small"],
      ["ranking-minilm", "small"],
      ["ranking-minilm-folds", "small"],
      ["ranking-bert", "full"],
      ["ranking-marco", "full"],
      ["ranking-low-resource", "small"],
      ["rop-sampling", "small"],
      ["rop-steps", "small"],
      ["term-distribution", "small"],
      ["rop-in-retrieval", "small"],
      ["retrieval-own", "small"],
      ["retrieval-minilm", "small"],
      ["retrieval-bert", "full"],
      ["negatives", "small"],
      ["cpdae-theory", "small"],
      ["embedding-map", "small"],
      ["pet-retrieval", "small"],
      ["pet-ranking", "small"],
      ["pet-ranking-folds", "small"],
      ["pet-retrieval-marco", "full"],
      ["pet-ranking-marco", "full"],
      ["adapter-learning-rates", "small"],
      ["adapter-loss", "small"],
      ["adapter-gradients", "small"],
      ["chinese", "small"],
    ]);
  });
});

describe("RETRIEVAL_SYSTEMS", () => {
  it("are trained for equal steps, and read equal rows in each", () => {
    for (const plan of ["retrieval-own", "retrieval-minilm"].map(planOf)) {
      const trained = [...stepsOf(plan).values()].filter(
        ({ name, kind }) => kind === "pretrain" && name.includes(" + "),
      );
      expect(trained).toHaveLength(RETRIEVAL_SYSTEMS.length);
      const sizes = trained.map(({ settings }) => {
        const { objective, steps, batch, maxTokens, learningRate } = settings as Record<string, number> & {
          objective: string;
        };
        return JSON.stringify([steps, batch! / examplesFor(objective, 1000), maxTokens, learningRate]);
      });
      expect(new Set(sizes).size).toBe(1);
    }
  });

  it("share their trainings with the rows that need some of them", () => {
    const own = stepsOf(planOf("retrieval-own"));
    const trainings = ["vocabulary", "passages", "pretrain", "mine", "finetune"];
    for (const name of ["rop-in-retrieval", "embedding-map", "cpdae-theory"])
      for (const { name: step, kind, settings } of stepsOf(planOf(name)).values())
        if (trainings.includes(kind) && !step.includes("before training"))
          expect(own.get(step)?.settings, step).toEqual(settings);
  });

  it("are pre-trained once for retrieval and for ranking", () => {
    const [retrieval, ranking] = ["retrieval-own", "ranking-own"].map((name) => stepsOf(planOf(name)));
    for (const system of ["MLM", "PROP"]) {
      const name = `pre-training mini + ${system}, seed 1`;
      expect(told(ranking!.get(name)!)).toBe(told(retrieval!.get(name)!));
    }
  });

  it("are objectives that there are", async () => {
    for (const { objective } of RETRIEVAL_SYSTEMS)
      expect(describeOptions(await loadObjective(objective)).length).toBeGreaterThan(0);
  });
});

describe("RANKING_SYSTEMS", () => {
  it("read equal rows in equal steps", () => {
    for (const plan of ["ranking-own", "ranking-minilm", "rop-sampling"].map(planOf)) {
      const trained = [...stepsOf(plan).values()].filter(({ name }) => /^pre-training .* \+ /.test(name));
      expect(trained.length).toBeGreaterThanOrEqual(RANKING_SYSTEMS.length);
      const sizes = trained.map(({ settings }) => {
        const { objective, steps, batch, maxTokens, learningRate } = settings as Record<string, number> & {
          objective: string;
        };
        return JSON.stringify([steps, batch! / examplesFor(objective, 1000), maxTokens, learningRate]);
      });
      expect(new Set(sizes).size).toBe(1);
    }
  });

  it("are fine-tuned once for the rows that share them", () => {
    const table = new Set([...stepsOf(planOf("ranking-own")).values()].map(told));
    for (const [name, shared] of [
      ["ranking-low-resource", "fine-tuned on all"],
      ["rop-sampling", "PROP and PROP_random"],
      ["rop-steps", "PROP"],
      ["ranking-own-folds", "pre-trained"],
    ] as const) {
      const trainings = [...stepsOf(planOf(name)).values()].filter(({ kind }) => /pretrain|finetune/.test(kind));
      expect(trainings.filter((step) => table.has(told(step))).length, `${name}: ${shared}`).toBeGreaterThan(1);
    }
  });
});

describe("METHODS", () => {
  it.each([
    ["pet-retrieval", "retrieval-minilm"],
    ["pet-ranking", "ranking-minilm"],
    ["pet-retrieval-marco", "retrieval-bert"],
    ["pet-ranking-marco", "ranking-marco"],
    ["adapter-loss", "pet-ranking"],
  ])("%s has one fine-tuning of %s: that of the whole model, or Adapter's", (name, other) => {
    const known = new Set([...stepsOf(planOf(other)).values()].map(told));
    const trainings = [...stepsOf(planOf(name)).values()].filter(({ kind }) => kind.startsWith("finetune"));
    expect(trainings.filter((step) => known.has(told(step)))).toHaveLength(1);
  });
});

describe("defineExperiment", () => {
  it("refuses a row that is not whole", () => {
    const row = rows.find(({ name }) => name === "rop-in-retrieval");
    expect(() => defineExperiment({ ...row!, name: "No Kebab" })).toThrow(/not in kebab-case/);
    expect(() => defineExperiment({ ...row!, expected: [] })).toThrow(/no expectation/);
    expect(() => defineExperiment({ ...row!, measures: ["AP"] })).toThrow(
      /expects something of R@100, which is not measured/,
    );
    expect(() => defineExperiment({ ...row!, seeds: { small: [] } })).toThrow(/no seeds/);
  });
});
