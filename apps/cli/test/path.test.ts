import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kitchen, pretraining, spawned, temporaryFolder } from "./program.ts";

/** From text to measures, each step with what the one before left. */
describe("the path through the program", () => {
  const cwd = temporaryFolder();
  const works = (...words: string[]) => {
    const { stdout, stderr, status } = spawned(cwd, ...words);
    expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
    return stdout;
  };
  const qrels = join(kitchen, "qrels/test.tsv");

  it("trains a vocabulary", () => {
    expect(works("vocab", "--corpus", kitchen, "--size", "200", "--out", "vocab")).toBe(
      "vocab/vocab.txt: 200 entries from 14 documents\n",
    );
  });

  it("pre-trains into a folder called as the objective, and echoes the settings into the model's folder", () => {
    expect(works(...pretraining("mlm", "--steps", "6"))).toMatch(/^mlm: 6 steps, loss \d/);
    expect(JSON.parse(readFileSync(join(cwd, "mlm/propria-run.json"), "utf8"))).toMatchObject({
      command: "pretrain",
      config: { objective: "mlm", "max-tokens": 32, lr: 0.001, "warmup-ratio": 0.1, seed: 3 },
    });
  });

  it("fine-tunes a cross-encoder", () => {
    const flags = ["--collection", kitchen, "--init", "mlm", "--out", "cross", "--steps", "4"];
    expect(
      works("finetune", "cross-encoder", ...flags, "--batch", "2", "--max-tokens", "48", "--threads", "1"),
    ).toMatch(/^cross: 4 steps, loss \d/);
  });

  it("searches, by BM25 and by query likelihood", () => {
    const run = (name: string, ...flags: string[]) =>
      works("search", ...flags, "--collection", kitchen, "--split", "test", "--out", name);
    expect(run("bm25.run", "--bm25", "--stem")).toBe("bm25.run: 4 queries, 14 documents, bm25\n");
    expect(run("ql.run", "--ql", "--mu", "20")).toBe("ql.run: 4 queries, 14 documents, ql\n");
    expect(readFileSync(join(cwd, "bm25.run"), "utf8")).toMatch(/^q7 Q0 soup 1 \S+ bm25\n/);
    expect(existsSync(join(cwd, "bm25.run.propria-run.json"))).toBe(true);
  });

  it("re-ranks the top of a run, and nothing else", () => {
    const flags = ["--model", "cross", "--run", "bm25.run", "--collection", kitchen, "--depth", "3", "--threads", "1"];
    expect(works("rerank", ...flags, "--out", "cross.run")).toMatch(
      /^cross\.run: 4 queries, the top 3 of each, \d+ pairs, \d+\.\d pairs\/s\n$/,
    );
    const documents = (file: string, depth: number) =>
      readFileSync(join(cwd, file), "utf8")
        .split("\n")
        .filter((line) => line.startsWith("q7 "))
        .slice(0, depth)
        .map((line) => line.split(" ")[2])
        .sort();
    expect(documents("cross.run", 100)).toEqual(documents("bm25.run", 3));
  });

  it("re-ranks by passages, as the model was trained and as is asked for, and notes how", () => {
    const onKitchen = ["--collection", kitchen, "--threads", "1"];
    const training = ["--init", "mlm", "--steps", "2", "--batch", "2", "--max-tokens", "48", "--out", "by-passages"];
    const windows = ["--train-passages", "any", "--passage-words", "8"];
    expect(works("finetune", "cross-encoder", ...onKitchen, ...training, ...windows)).toMatch(/^by-passages: 2 steps/);
    const reranked = (out: string, ...more: string[]) => {
      const flags = ["--model", "by-passages", "--run", "bm25.run", "--depth", "3", "--out", out, ...more];
      const printed = works("rerank", ...onKitchen, ...flags);
      const { reading } = JSON.parse(readFileSync(join(cwd, `${out}.propria-run.json`), "utf8")) as { reading: object };
      return { printed, reading };
    };
    const trained = reranked("max.run");
    expect(trained.printed).toMatch(/^max\.run: 4 queries, the top 3 of each, 9 pairs in \d\d passages, /);
    expect(trained.reading).toEqual({ words: 8, stride: 4, most: 30, score: "max" });
    const sum = reranked("sum.run", "--passages", "sum", "--passages-most", "2");
    expect(sum.reading).toEqual({ words: 8, stride: 4, most: 2, score: "sum" });
    expect(sum.printed).toContain("9 pairs in 18 passages, ");
    const first = reranked("first.run", "--passages", "first");
    expect(first.reading).toEqual({ score: "first" });
    expect(first.printed).toContain("9 pairs, ");
  });

  it("learns word vectors, trains DRMM, K-NRM and Conv-KNRM with them, and re-ranks by each", () => {
    const vectors = ["--dimensions", "8", "--min-count", "1", "--epochs", "2"];
    expect(works("vectors", "--corpus", kitchen, ...vectors, "--out", "kitchen.vec")).toMatch(
      /^kitchen\.vec: \d+ words, 8 dimensions\n$/,
    );
    const onKitchen = ["--collection", kitchen, "--threads", "1"];
    for (const model of ["drmm", "knrm", "conv-knrm"]) {
      const training = ["--vectors", "kitchen.vec", "--steps", "2", "--batch", "2", "--out", model];
      expect(works("finetune", model, ...onKitchen, ...training)).toMatch(`${model}: 2 steps, loss `);
      const flags = ["--model", model, "--run", "bm25.run", "--depth", "3", "--out", `${model}.run`];
      expect(works("rerank", ...onKitchen, ...flags)).toContain(`${model}.run: 4 queries, the top 3 of each, `);
      expect(readFileSync(join(cwd, `${model}.run`), "utf8")).toMatch(new RegExp(`^q7 Q0 \\S+ 1 \\S+ ${model}\n`));
    }
  });

  it("measures runs: a table with stars, or JSON with the values of each query", () => {
    const table = works("evaluate", "--qrels", qrels, "--run", "bm25.run", "cross.run", "--test", "t");
    expect(table).toMatch(/^run +nDCG@10 +RR@10 +AP +R@100\nbm25\.run +1\.0000 /);
    expect(table).toContain("two-tailed paired t-test against bm25.run");
    const json = works(
      "evaluate",
      "--qrels",
      qrels,
      "--run",
      "bm25.run",
      "--measures",
      "RR P@1",
      "--per-query",
      "--json",
    );
    expect(JSON.parse(json)).toEqual({
      runs: [
        {
          run: "bm25.run",
          measures: { RR: 1, "P@1": 1 },
          queries: {
            q7: { RR: 1, "P@1": 1 },
            q8: { RR: 1, "P@1": 1 },
            q9: { RR: 1, "P@1": 1 },
            q10: { RR: 1, "P@1": 1 },
          },
        },
      ],
    });
  });

  it("takes every flag from a config file, which print-config writes, and lets the command line win", () => {
    const printed = works(
      "print-config",
      "search",
      "--bm25",
      "--collection",
      kitchen,
      "--out",
      "c.run",
      "--depth",
      "2",
    );
    expect(printed).toContain("depth: 2  # command line\n");
    expect(printed).toContain("split: test  # default\n");
    const file = join(cwd, "search.yaml");
    works("vocab", "--print-config"); // needs no required flag
    writeFileSync(file, `depth: 9\nsearch:\n${printed.replace(/^/gm, "  ")}`);
    expect(works("search", "--config-file", "search.yaml", "--print-config")).toContain("depth: 2  # config file\n");
    works("search", "--config-file", "search.yaml", "--depth", "1");
    expect(readFileSync(join(cwd, "c.run"), "utf8").match(/^q7 /gm)).toHaveLength(1);
  });
});
