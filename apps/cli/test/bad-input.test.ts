import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readSafetensors, writeSafetensors } from "@propria/transformer-core";
import { beforeAll, describe, expect, it } from "vitest";
import { bin, errorLine, kitchen, pretraining, propria, temporaryFolder } from "./program.ts";

const cwd = temporaryFolder();
const at = (path: string) => join(cwd, path);
const fails = async (...words: string[]) => errorLine(await propria(cwd, ...words));

const finetuning = (kind: string, out: string, collection = kitchen) => [
  ...["finetune", kind, "--collection", collection, "--init", "encoder", "--out", out, "--steps", "2"],
  ...["--max-tokens", "32", "--batch", "2", "--threads", "1"],
];

beforeAll(async () => {
  expect((await propria(cwd, "vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab")).status).toBe(0);
  expect((await propria(cwd, ...pretraining("encoder", "--steps", "2"))).status).toBe(0);
});

describe("bad input: one line that says where and what, status 2, nothing half-written", () => {
  const corpus = (name: string, content: string | Buffer) => {
    mkdirSync(at("bad"), { recursive: true });
    writeFileSync(at(`bad/${name}`), content);
    return `bad/${name}`;
  };
  const folder = (path: string) => {
    mkdirSync(at(path), { recursive: true });
    return path;
  };
  const vocab = (path: string) => fails("vocab", "--corpus", path, "--size", "50", "--out", "none");

  it.each<[string, string, string | Buffer, RegExp]>([
    ["a line that is no JSON", "a.jsonl", '{"_id": "1", "text": "a"}\n{"_id": "2", "te\n', /^bad\/a\.jsonl:2: /],
    ["a line without an id", "b.jsonl", '{"_id": "1", "text": "a"}\n{"text": "b"}\n', /^bad\/b\.jsonl:2: .*_id/],
    [
      "an id that is there twice",
      "c.jsonl",
      '{"_id": "1", "text": "a"}\n{"_id": "1", "text": "b"}\n',
      /^bad\/c\.jsonl:2: /,
    ],
    [
      "compression that ends in the middle",
      "d.jsonl.gz",
      gzipSync(readFileSync(join(kitchen, "corpus.jsonl"))).subarray(0, 700),
      /^bad\/d\.jsonl\.gz:\d+: /,
    ],
  ])("names file and line of %s in a corpus", async (_, name, content, line) => {
    expect(await vocab(corpus(name, content))).toEqual({ line: expect.stringMatching(line), status: 2 });
    expect(existsSync(at("none"))).toBe(false);
  });

  it("names the corpus that is not there", async () => {
    expect(await vocab("no-corpus.jsonl")).toEqual({ line: expect.stringContaining("no-corpus.jsonl"), status: 2 });
  });

  it("offers the nearest objective, option, measure, size, command and flag", async () => {
    const misspelt: [string[], string][] = [
      [pretraining("none", "--steps", "2", "--objective", "porp"), "did you mean prop?"],
      [pretraining("none", "--steps", "2", "--option", "maskrate=0.2"), "did you mean maskRate?"],
      [
        ["evaluate", "--qrels", join(kitchen, "qrels/test.tsv"), "--run", "x", "--measures", "nDGC@10"],
        "did you mean nDCG?",
      ],
      [pretraining("none", "--steps", "2", "--config", "tinny"), "did you mean tiny?"],
      [["serach"], "did you mean search?"],
      [["search", "--colection", kitchen], "did you mean --collection?"],
    ];
    for (const [words, mend] of misspelt)
      expect(await fails(...words)).toEqual({ line: expect.stringContaining(mend), status: 2 });
    expect(existsSync(at("none"))).toBe(false);
  });

  it("says which special token a vocabulary lacks", async () => {
    mkdirSync(at("maskless"), { recursive: true });
    const entries = readFileSync(at("vocab/vocab.txt"), "utf8").replace("[MASK]\n", "");
    writeFileSync(at("maskless/vocab.txt"), entries);
    const { line, status } = await fails(...pretraining("none", "--steps", "2", "--vocab", "maskless"));
    expect(line).toMatch(/maskless: the vocabulary lacks \[MASK\]/);
    expect(status).toBe(2);
  });

  it("lists the tensor that a checkpoint lacks", async () => {
    const missing = "bert.encoder.layer.1.output.dense.weight";
    cpSync(at("encoder"), at("torn"), { recursive: true });
    const { tensors } = await readSafetensors(at("torn/model.safetensors"));
    await writeSafetensors(
      at("torn/model.safetensors"),
      Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== missing)),
    );
    const flags = ["--collection", kitchen, "--init", "torn", "--out", "none", "--steps", "2"];
    expect(await fails("finetune", "cross-encoder", ...flags)).toEqual({
      line: expect.stringContaining(missing),
      status: 2,
    });
  });

  it.each([
    ["vocab", ["vocab", "--corpus", kitchen, "--size", "50", "--out", "encoder"]],
    ["pretrain", pretraining("encoder", "--steps", "2")],
    [
      "finetune",
      ["finetune", "cross-encoder", "--collection", kitchen, "--init", "encoder", "--out", "encoder", "--steps", "2"],
    ],
    ["search", ["search", "--bm25", "--collection", kitchen, "--out", "encoder"]],
    ["demo", ["demo", "--collection", kitchen, "--out", "encoder"]],
  ])("keeps an output that is there: %s", async (_, words) => {
    const before = readdirSync(at("encoder"));
    expect(await fails(...words)).toEqual({ line: expect.stringMatching(/^encoder: /), status: 2 });
    expect(readdirSync(at("encoder"))).toEqual(before);
  });

  it.each<[string, string[], string]>([
    ["a required flag that is missing", ["vocab", "--size", "50"], "needs --corpus PATH --out DIR"],
    ["a number that is none", ["vocab", "--size", "many"], '--size: expected a whole number, found "many"'],
    ["a number out of range", ["search", "--bm25", "--b", "1.5"], "--b: expected at most 1, found 1.5"],
    [
      "a parameter of the other model",
      ["search", "--ql", "--k1", "1", "--collection", kitchen, "--out", "x"],
      "--k1: is no parameter of --ql",
    ],
    [
      "two ways of searching",
      ["search", "--bm25", "--index", "x", "--collection", kitchen, "--out", "x"],
      "--index and --bm25 are several ways of searching",
    ],
    [
      "no way of searching",
      ["search", "--collection", kitchen, "--out", "x"],
      "needs one of --index DIR, --bm25 and --ql",
    ],
    ["nothing to encode", ["encode", "--model", "encoder", "--out", "x"], "needs one of --corpus and --queries"],
    [
      "nothing to index",
      ["index", "--model", "encoder", "--out", "x"],
      "needs --model DIR and --corpus PATH, or --vectors",
    ],
    [
      "a kind of index that is none",
      ["index", "--model", "encoder", "--corpus", kitchen, "--type", "faiss:LSH", "--out", "x"],
      "faiss:LSH: no factory that can be used here",
    ],
    [
      "a loss that cannot be cut",
      pretraining("y", "--steps", "1", "--chunk", "2"),
      "--chunk: the loss of mlm is a plain one, which cannot be cut",
    ],
    [
      "a misspelt kind of index",
      ["index", "--model", "encoder", "--corpus", kitchen, "--type", "hsnw", "--out", "x"],
      "did you mean hnsw?",
    ],
    [
      "negatives that are nowhere",
      [...finetuning("bi-encoder", "x"), "--negatives", "bm52"],
      "--negatives: there is no file bm52 (bm25, in-batch, or a file that is there)",
    ],
    [
      "negatives that no update would read",
      [...finetuning("bi-encoder", "x"), "--group-size", "1"],
      "--group-size: of 1 is a positive alone",
    ],
    [
      "a model of another kind",
      ["weigh", "--model", "encoder", "--corpus", kitchen, "--out", "x"],
      "encoder: this model gives no term weights (train one: propria finetune term-weights --init encoder",
    ],
    ["an experiment that there is not", ["experiment", "run", "negative", "--data", "x"], "did you mean negatives?"],
    ["a length given twice", pretraining("none", "--steps", "1", "--epochs", "1"), "--steps and --epochs both"],
    [
      "a comparison of one run",
      ["evaluate", "--qrels", "q", "--run", "x", "--test", "t"],
      "--test: compares runs with the first",
    ],
    [
      "an output below a file",
      ["search", "--bm25", "--collection", kitchen, "--out", "vocab/vocab.txt/x"],
      "vocab.txt is no folder",
    ],
    [
      "a flag in the place of a value",
      ["vocab", "--corpus", "--size", "50"],
      "--corpus: lacks its value: --size follows",
    ],
    ["a word too many", ["vocab", "text", "--size", "50"], 'vocab takes flags alone, found "text" too'],
    ["an argument that there is not", ["finetune", "both"], 'there is no command "finetune both"'],
  ])("says what is wrong with %s", async (_, words, line) => {
    expect(await fails(...words)).toEqual({ line: expect.stringContaining(line), status: 2 });
  });

  it.each<[string, () => string, RegExp]>([
    [
      "a model's folder",
      () => "encoder",
      /^encoder: is the folder of a model, no index \(.*propria index --model encoder/,
    ],
    ["a vocabulary", () => "vocab", /^vocab: is the folder of a vocabulary, no index/],
    ["a collection", () => kitchen, /: is a collection, no index \(.*--corpus .*kitchen/],
    ["a file", () => join(kitchen, "corpus.jsonl"), /: is a file, no index/],
    ["an empty folder", () => folder("empty"), /^empty: is an empty folder, no index/],
    ["nothing", () => "nowhere", /^nowhere: there is no such folder \(an index is made by propria index/],
  ])("says of %s in an index' place what it is", async (_, path, line) => {
    expect(await fails("search", "--index", path(), "--collection", kitchen, "--out", "none")).toEqual({
      line: expect.stringMatching(line),
      status: 2,
    });
  });

  it.each(["bi-encoder", "cross-encoder", "term-weights"])(
    "leaves nothing of a failed fine-tuning: %s",
    async (kind) => {
      cpSync(kitchen, at("unsound"), { recursive: true });
      appendFileSync(at("unsound/qrels/train.tsv"), "q1\tnowhere\t1\n");
      expect((await fails(...finetuning(kind, "new/model", "unsound"))).line).toContain("nowhere");
      expect(existsSync(at("new"))).toBe(false);
    },
  );

  it("names file and line of an id that no run could hold", async () => {
    cpSync(kitchen, at("spaced"), { recursive: true });
    appendFileSync(at("spaced/queries.jsonl"), '{"_id": "q 11", "text": "rice"}\n');
    const { line, status } = await fails("search", "--bm25", "--collection", "spaced", "--out", "none");
    expect({ line, status }).toEqual({
      line: expect.stringMatching(/^spaced\/queries\.jsonl:11: the id "q 11" has spaces/),
      status: 2,
    });
  });

  it("re-ranks no run of other queries", async () => {
    writeFileSync(at("other.run"), "g1 Q0 car 1 2.5 other\n");
    expect(
      (await fails("rerank", "--model", "encoder", "--run", "other.run", "--collection", kitchen, "--out", "none"))
        .line,
    ).toMatch(/^other\.run: answers none of the judged queries of .*kitchen, split test/);
  });

  it("takes no windows for documents that are read from their start", async () => {
    const reranking = ["--model", "none", "--run", "other.run", "--collection", kitchen, "--out", "none"];
    expect(await fails("rerank", ...reranking, "--passages", "first", "--passage-words", "9")).toEqual({
      line: "--passage-words: is no parameter of --passages first",
      status: 2,
    });
  });

  it("says which flag of a config file it does not know", async () => {
    writeFileSync(at("config.yaml"), "vocab:\n  sise: 100\n");
    expect(await fails("vocab", "--config-file", "config.yaml")).toEqual({
      line: 'config.yaml: vocab: vocab has no flag "sise" (did you mean size?)',
      status: 2,
    });
  });
});

describe("propria", () => {
  it("shows the stack of an error with --debug alone", async () => {
    expect((await propria(cwd, "serach")).stderr).not.toContain("at ");
    expect((await propria(cwd, "serach", "--debug")).stderr).toMatch(/\n\s+at .+\d+:\d+/);
  });

  it("says how to build it where that is missing", () => {
    mkdirSync(at("apps/cli/bin"), { recursive: true });
    copyFileSync(bin, at("apps/cli/bin/propria.js"));
    writeFileSync(at("apps/cli/package.json"), '{ "type": "module" }');
    const { stderr, status } = spawnSync(process.execPath, [at("apps/cli/bin/propria.js")], { encoding: "utf8" });
    expect(stderr).toMatch(/^propria: .*dist\/main\.js: is not built yet \(npm run build.*\)\n$/);
    expect(status).toBe(2);
  });

  it("leaves quietly when the reader of its results does", () => {
    const { stderr, status } = spawnSync("bash", ["-c", `"${process.execPath}" "${bin}" list --json | head -n 1`], {
      encoding: "utf8",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});
