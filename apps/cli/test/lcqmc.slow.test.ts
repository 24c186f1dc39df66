import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { propria, temporaryFolder } from "./program.ts";

const lcqmc = join(process.env.PROPRIA_DATA!, "lcqmc");
const wikipedia = join(process.env.PROPRIA_DATA!, "text-zh-wikipedia", "part-00.jsonl.gz");
const ARTICLES = 300;
const QUERIES = { dev: 200, test: 100 };

/** Chinese question pairs, from a vocabulary to a re-ranked run; the model is far too small and short of training to be any good. */
describe.skipIf(!existsSync(lcqmc) || !existsSync(wikipedia))("the path through the program with LCQMC", () => {
  it("pre-trains on Chinese articles, fine-tunes on question pairs, re-ranks and evaluates", async () => {
    const cwd = temporaryFolder();
    const works = async (...words: string[]) => {
      const { stdout, stderr, status } = await propria(cwd, ...words);
      expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
      return stdout;
    };
    const firstLines = (text: string, count: number) => text.split("\n").slice(0, count).join("\n");
    writeFileSync(join(cwd, "articles.jsonl"), firstLines(gunzipSync(readFileSync(wikipedia)).toString(), ARTICLES));
    mkdirSync(join(cwd, "lcqmc/qrels"), { recursive: true });
    for (const name of ["corpus.jsonl.gz", "queries.jsonl.gz"]) cpSync(join(lcqmc, name), join(cwd, "lcqmc", name));
    for (const [split, queries] of Object.entries(QUERIES)) {
      const judged = readFileSync(join(lcqmc, `qrels/${split}.tsv`), "utf8");
      writeFileSync(join(cwd, `lcqmc/qrels/${split}.tsv`), firstLines(judged, queries + 1));
    }

    const small = ["--max-tokens", "64", "--batch", "8", "--threads", "1"];
    await works("vocab", "--corpus", "articles.jsonl", "--size", "6000", "--out", "vocab");
    const prop = ["pretrain", "--corpus", "articles.jsonl", "--objective", "prop", "--option", "words=chinese"];
    await works(...prop, "--config", "tiny", "--vocab", "vocab", ...small, "--steps", "20", "--out", "prop");
    await works("search", "--bm25", "--collection", "lcqmc", "--split", "test", "--out", "bm25.run");
    const finetune = ["finetune", "cross-encoder", "--collection", "lcqmc", "--split", "dev", "--init", "prop"];
    expect(await works(...finetune, ...small, "--steps", "20", "--out", "cross")).toMatch(/^cross: 20 steps, loss 0\./);
    const rerank = ["rerank", "--model", "cross", "--run", "bm25.run", "--collection", "lcqmc", "--split", "test"];
    expect(await works(...rerank, "--depth", "10", "--threads", "1", "--out", "cross.run")).toMatch(
      /^cross\.run: \d+ queries, the top 10 of each, \d+ pairs/,
    );
    const runs = ["--run", "bm25.run", "cross.run", "--measures", "nDCG@10", "R@10", "--json"];
    const { runs: both } = JSON.parse(await works("evaluate", "--qrels", "lcqmc/qrels/test.tsv", ...runs)) as Evaluated;
    const [bm25, cross] = both.map(({ measures }) => measures) as [Measures, Measures];
    expect(bm25["nDCG@10"]).toBeGreaterThan(0.8);
    expect(cross["R@10"]).toBe(bm25["R@10"]); // the same ten in another order
  });
});

type Measures = Record<"nDCG@10" | "R@10", number>;

interface Evaluated {
  runs: { measures: Measures }[];
}
