import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openVectors } from "@propria/dense-index";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, propria, start, temporaryFolder } from "./program.ts";
import { until } from "./wait.ts";

const cwd = temporaryFolder();
const at = (path: string) => join(cwd, path);
const words = (text: string) => text.split(/\s+/).filter(Boolean);
const works = async (...given: string[]) => {
  const { stdout, stderr, status } = await propria(cwd, ...given);
  expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
};
const fails = async (...given: string[]) => errorLine(await propria(cwd, ...given));
const lines = (file: string) => readFileSync(at(file), "utf8").trimEnd().split("\n");
const onKitchen = ["--collection", kitchen, "--threads", "1"];

beforeAll(async () => {
  await works("vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab");
  await works(...pretraining("encoder", "--steps", "2", "--objective", "costa", "--chunk", "2"));
});

describe("the path of dense retrieval", () => {
  const training = words("--batch 2 --max-tokens 32 --query-tokens 12 --lr 1e-3 --seed 3");

  it("fine-tunes a bi-encoder", async () => {
    const flags = words("--init encoder --out bi --steps 3 --group-size 3 --chunk 1 --similarity cosine");
    expect(await works("finetune", "bi-encoder", ...onKitchen, ...flags, ...training)).toMatch(/^bi: 3 steps, loss \d/);
    expect(readdirSync(at("bi"))).toEqual(expect.arrayContaining(["modules.json", "1_Pooling", "propria-run.json"]));
    expect(JSON.parse(readFileSync(at("bi/propria-run.json"), "utf8")).command).toBe("finetune bi-encoder");
  });

  it("encodes a corpus, a split's queries, and a file of queries", async () => {
    const encode = (...flags: string[]) => works("encode", "--model", "bi", "--threads", "1", ...flags);
    expect(await encode("--corpus", kitchen, "--out", "vectors")).toBe("vectors: 14 documents\n");
    expect(await encode("--queries", kitchen, "--split", "test", "--out", "asked")).toBe("asked: 4 queries\n");
    const file = join(kitchen, "queries.jsonl");
    expect(await encode("--queries", file, "--quantize", "int8", "--out", "small")).toBe("small: 10 queries\n");
    const vectors = await openVectors(at("vectors"));
    expect(vectors).toMatchObject({ size: 14, dimensions: 32, space: { pooling: "cls", similarity: "cosine" } });
    await vectors.close();
  });

  it("indexes stored vectors and a corpus, and searches both with the model that made them", async () => {
    expect(await works("index", "--vectors", "vectors", "--out", "exact")).toBe("exact: 14 documents, exact\n");
    const graph = ["--type", "hnsw", "--connectivity", "8", "--out", "graph", "--threads", "1"];
    expect(await works("index", "--model", "bi", "--corpus", kitchen, ...graph)).toBe("graph: 14 documents, hnsw\n");
    const search = (index: string, ...more: string[]) =>
      works("search", "--index", index, ...onKitchen, "--split", "test", "--out", `${index}.run`, ...more);
    expect(await search("exact")).toMatch(/^exact\.run: 4 queries, 14 documents, propria-[0-9a-f]{8}\n$/);
    await search("graph", "--ef-search", "20", "--depth", "14");
    expect(lines("exact.run")).toHaveLength(4 * 14);
    expect(lines("graph.run")).toEqual(lines("exact.run"));
  });

  it("refuses an index with another model, and names the field in which they differ", async () => {
    const asked = ["search", "--index", "exact", ...onKitchen, "--out", "none.run"];
    expect(await fails(...asked, "--model", "encoder")).toEqual({
      line: expect.stringMatching(/^exact: .*\w+ is /),
      status: 2,
    });
    expect((await fails(...asked, "--query-prefix", "query: ")).line).toMatch(
      /^exact: .*queryPrefix is "", expected "query: "/,
    );
    expect(existsSync(at("none.run"))).toBe(false);
  });

  it("refuses an index, and mined negatives, of another collection", async () => {
    mkdirSync(at("garage/qrels"), { recursive: true });
    writeFileSync(at("garage/corpus.jsonl"), '{"_id": "car", "text": "four wheels"}\n{"_id": "bike", "text": "two"}\n');
    writeFileSync(at("garage/queries.jsonl"), '{"_id": "g1", "text": "wheels"}\n');
    for (const split of ["train", "test"])
      writeFileSync(at(`garage/qrels/${split}.tsv`), "query-id\tcorpus-id\tscore\ng1\tcar\t1\n");
    const onGarage = ["--collection", "garage", "--index", "exact", "--threads", "1", "--out", "none.run"];
    const line = (split: string) =>
      new RegExp(`^exact: has none of the 1 judged documents of garage, split ${split}, such as car.*propria index`);
    expect((await fails("search", ...onGarage)).line).toMatch(line("test"));
    expect((await fails("mine", "--model", "bi", ...onGarage)).line).toMatch(line("train"));
    await works("mine", "--model", "bi", "--collection", "garage", "--threads", "1", "--out", "garage.jsonl");
    const next = words("--init bi --negatives garage.jsonl --out none --steps 2");
    expect((await fails("finetune", "bi-encoder", ...onKitchen, ...next, ...training)).line).toMatch(
      /^garage\.jsonl: has negatives of none of the 6 training queries, not of q1 either/,
    );
    expect(existsSync(at("none"))).toBe(false);
  });

  it("takes an index of more than the collection, and of less, and says what it lacks", async () => {
    const larger = `${readFileSync(join(kitchen, "corpus.jsonl"), "utf8")}{"_id": "car", "text": "four wheels"}\n`;
    writeFileSync(at("larger.jsonl"), larger);
    writeFileSync(at("part.jsonl"), larger.split("\n").slice(0, 3).join("\n"));
    for (const corpus of ["larger", "part"])
      await works("index", "--model", "bi", "--corpus", `${corpus}.jsonl`, "--threads", "1", "--out", `of-${corpus}`);
    await works("search", "--index", "of-larger", ...onKitchen, "--out", "larger.run");
    const { stderr, status } = await propria(cwd, "search", "--index", "of-part", ...onKitchen, "--out", "part.run");
    expect({ stderr, status }).toEqual({
      stderr: expect.stringMatching(/^of-part lacks \d of the \d judged documents of split test, such as \w+$/m),
      status: 0,
    });
    expect((await fails("mine", "--model", "bi", "--index", "of-larger", ...onKitchen, "--out", "none")).line).toMatch(
      /^index: holds car, found for query q\d+, which is no document of kitchen/,
    );
  });

  it("mines negatives, which fine-tuning takes", async () => {
    const flags = ["--model", "bi", "--index", "exact", "--depth", "10", "--keep", "4"];
    expect((await works("mine", ...onKitchen, ...flags, "--out", "mined.jsonl")).split("\n")).toEqual([
      "mined.jsonl: 24 negatives of 6 queries",
      "fewer than 4 negatives: 0 queries",
      expect.stringMatching(/^no positive in the top 10: \d queries$/),
      expect.stringMatching(
        /^likely false negatives: \d+ of the \d+ candidates of the \d queries with a positive there$/,
      ),
      "",
    ]);
    await works("mine", ...onKitchen, "--model", "bi", "--depth", "10", "--keep", "4", "--out", "again.jsonl"); // its own index
    expect(lines("again.jsonl")).toEqual(lines("mined.jsonl"));
    const next = words("--init bi --negatives mined.jsonl --out bi-2 --steps 2 --group-size 3");
    expect(await works("finetune", "bi-encoder", ...onKitchen, ...next, ...training)).toMatch(/^bi-2: 2 steps/);
  });

  it("fine-tunes in the stages of a recipe, and passes over those that are finished", async () => {
    const mined = "{ name: mined, init: start, negatives: { mine: { with: bm25, depth: 8, keep: 4 } } }";
    writeFileSync(at("recipe.yaml"), `defaults: { groupSize: 3, steps: 2 }\nstages:\n- name: bm25\n- ${mined}\n`);
    const staged = ["finetune", "bi-encoder", ...onKitchen, ...words("--init encoder --out stages"), ...training];
    expect((await works(...staged, "--stages", "recipe.yaml")).split("\n")).toEqual([
      expect.stringMatching(/^stages\/bm25: 2 steps, loss \d/),
      expect.stringMatching(
        /^stages\/mined: 2 steps, loss .*, 24 negatives mined \(\d+ of \d+ candidates likely false; no positive found for \d queries\)$/,
      ),
      "",
    ]);
    const another = "- { name: more, steps: 1 }\n";
    writeFileSync(at("recipe.yaml"), `${readFileSync(at("recipe.yaml"), "utf8")}${another}`);
    expect(await works(...staged, "--stages", "recipe.yaml")).toMatch(
      /bm25: finished before\n.*mined: finished before\n.*more: 1 steps/,
    );
  });

  it("trains into no finished model, in stages as otherwise", async () => {
    const staged = [
      "finetune",
      "bi-encoder",
      ...onKitchen,
      "--init",
      "encoder",
      ...training,
      "--stages",
      "recipe.yaml",
    ];
    expect(await fails(...staged, "--out", "stages")).toEqual({
      line: "stages: all its stages are finished (name another folder, or remove this one)",
      status: 2,
    });
    expect((await fails(...staged, "--out", "bi")).line).toBe(
      "bi: exists already (name another folder, or remove this one)",
    );
    expect(existsSync(at("bi/bm25.json"))).toBe(false);
  });

  it("fuses runs", async () => {
    await works("search", "--bm25", "--collection", kitchen, "--out", "bm25.run");
    expect(await works("fuse", "bm25.run", "exact.run", "--out", "rrf.run")).toBe("rrf.run: 4 queries, 2 runs, rrf\n");
    await works("fuse", "bm25.run", "exact.run", ...words("--method linear --weights 1 0 --depth 2 --out linear.run"));
    const top = (file: string) => lines(file)[0]!.split(" ")[2];
    expect(top("linear.run")).toBe(top("bm25.run"));
    expect(await fails("fuse", "bm25.run", "exact.run", ...words("--method linear --k 9 --out none.run"))).toEqual({
      line: "--k: is no parameter of --method linear",
      status: 2,
    });
    const other = lines("exact.run").map((line) => line.replace(/ Q0 (\S+)/, " Q0 other-$1"));
    writeFileSync(at("other.run"), `${other.join("\n")}\n`);
    expect((await fails("fuse", "bm25.run", "other.run", "--out", "none.run")).line).toMatch(
      /^bm25\.run: has no document in common with other\.run: \w+ is in none/,
    );
    await works("fuse", "bm25.run", "other.run", "--disjoint", "--out", "both.run");
    expect((await fails("fuse", "bm25.run", "--out", "none.run")).line).toBe(
      "needs RUN RUN…: runs in TREC's six columns",
    );
  });

  it("learns the weights of a fusion on another split's runs", async () => {
    await works("search", "--bm25", "--collection", kitchen, "--split", "train", "--out", "bm25-train.run");
    await works("search", "--ql", "--collection", kitchen, "--split", "train", "--out", "ql-train.run");
    await works("search", "--ql", "--collection", kitchen, "--out", "ql.run");
    const judged = (split: string) => ["--qrels", join(kitchen, `qrels/${split}.tsv`), "--measure", "AP"];
    const from = ["--learn-from", "bm25-train.run", "ql-train.run"];
    const fused = ["fuse", "bm25.run", "ql.run", ...words("--method linear")];
    expect(await works(...fused, ...from, ...judged("train"), "--out", "learnt.run")).toMatch(
      /^bm25\.run: weight \d\.\d\d; bm25-train\.run alone .*\nql\.run: .*\n\S+train\.tsv: AP .*\nlearnt\.run: 4 queries, 2 runs, linear\n$/,
    );
    const { learnt } = JSON.parse(readFileSync(at("learnt.run.propria-run.json"), "utf8")) as {
      learnt: { measure: string; weights: number[] };
    };
    expect(learnt.measure).toBe("AP");
    await works(...fused, "--weights", ...learnt.weights.map(String), "--out", "given.run");
    expect(lines("given.run")).toEqual(lines("learnt.run"));

    const refused: [string[], string][] = [
      [from, "--learn-from: needs --qrels FILE"],
      [["--learn-from", "ql-train.run", ...judged("train")], "--learn-from: expected 2 runs, found 1"],
      [[...from, ...judged("test")], "bm25-train.run: answers none of the 4 judged queries of"],
      [[...from, ...judged("train"), ...words("--weights 1 2")], "--weights: is no parameter of --learn-from"],
      [judged("train"), "--qrels: is no parameter of a fusion without --learn-from"],
      [[...from, "--qrels", "none.tsv"], "--qrels: there is no file none.tsv"],
    ];
    for (const [flags, line] of refused)
      expect(await fails(...fused, ...flags, "--out", "none.run")).toEqual({
        line: expect.stringContaining(line),
        status: 2,
      });
  });
});

describe("the path of term weights", () => {
  it("trains a model, weighs a corpus with it, and searches by that", async () => {
    const training = words("--init encoder --out deep-ct --steps 30 --batch 4 --max-tokens 32 --lr 1e-2");
    expect(await works("finetune", "term-weights", ...onKitchen, ...training)).toMatch(
      /^deep-ct: 30 steps over 6 passages/,
    );
    const weigh = ["--model", "deep-ct", "--corpus", kitchen, "--keep-all-words", "--threads", "1"];
    expect(await works("weigh", ...weigh, "--out", "weights.jsonl")).toBe("weights.jsonl: 14 documents\n");
    expect(JSON.parse(lines("weights.jsonl")[0]!)).toMatchObject({
      id: "bread",
      vector: { flour: expect.any(Number) },
    });
    const search = ["search", "--bm25", "--stem", "--collection", kitchen, "--term-weights", "weights.jsonl"];
    expect(await works(...search, "--out", "weighed.run")).toBe("weighed.run: 4 queries, 14 documents, bm25-weighed\n");
    await works(...search, "--k1", "10", "--b", "0.9", "--out", "same.run"); // the defaults
    expect(lines("same.run")).toEqual(lines("weighed.run"));
  });
});

describe("propria doctor", () => {
  it("tries what indexes need, and looks over the data of the experiments", async () => {
    writeFileSync(at("paths.yaml"), "bert: bi\n");
    const { stdout, status } = await propria(cwd, "doctor", "--paths", "paths.yaml");
    expect(stdout).toMatch(/^index hnsw +works: usearch \d/m);
    expect(stdout).toMatch(
      /^index faiss:FACTORY +(works: faiss-node|cannot be used, the others can: .*build-faiss\.sh)/m,
    );
    expect(stdout).toMatch(/^data bert +there: .*bi$/m);
    expect(status).toBe(2); // the other data
  });
});

describe("Ctrl-C while a corpus is encoded", () => {
  it("leaves nothing, and the status 130", async () => {
    const line = (i: number) => JSON.stringify({ _id: `d${i}`, text: `soup ${i} `.repeat(20) });
    writeFileSync(at("large.jsonl"), Array.from({ length: 20_000 }, (_, i) => line(i)).join("\n"));
    const { child, ended } = start(cwd, "encode", ...words("--model bi --corpus large.jsonl --out stopped"));
    await until(() => existsSync(at("stopped.tmp")), "vectors are written");
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    expect(readdirSync(cwd).filter((name) => name.startsWith("stopped"))).toEqual([]);
  });
});
