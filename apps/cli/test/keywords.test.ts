import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, propria, teahouse, temporaryFolder } from "./program.ts";

const cwd = temporaryFolder();
const at = (path: string) => join(cwd, path);
const works = async (...given: string[]) => {
  const { stdout, stderr, status } = await propria(cwd, ...given);
  expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
};
const keywords = (...given: string[]) => works("keywords", "--corpus", kitchen, ...given);
const byModel = ["--model", "encoder", "--threads", "1"];

interface Found {
  id: string;
  queryLikelihood: { word: string; score: number }[];
  attention?: { word: string; score: number }[];
  contrastive?: { word: string; score: number }[];
}
const found = async (...given: string[]): Promise<Found[]> =>
  (await keywords("--json", ...given))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Found);
const words = (ranked: { word: string }[] | undefined) => ranked?.map(({ word }) => word);

beforeAll(async () => {
  await works("vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab");
  await works(...pretraining("encoder", "--steps", "2"));
  writeFileSync(at("kitchen.txt"), "The kettle and the stove.");
  writeFileSync(
    at("pickles.md"),
    "# Pickles\n\nSour pickles: salt the pickles, add water and the vinegar, and wait. Pickles!",
  );
});

describe("propria keywords", () => {
  it("shows the language model of a file, without a model: its frequent words, those that the corpus lacks too", async () => {
    const lines = (await keywords("pickles.md", "--top", "3")).split("\n");
    expect(lines[0]).toBe("pickles.md");
    expect(lines[1]).toMatch(/^ +language model +P\(w\|θ\)$/);
    expect(lines[2]).toMatch(/^1 +pickles +0\.\d{4}$/);
    expect(lines.slice(2, -1)).toHaveLength(3);
  });

  it("shows the three readings side by side: stop words are attended to, and contrast low", async () => {
    const text = await keywords("pickles.md", "kitchen.txt", ...byModel, "--top", "2", "--picture", "two.html");
    expect(text).toMatch(/^pickles\.md\n +language model +P\(w\|θ\) +attention +β +contrast +γ, bits\n1 +pickles /);
    expect(text).toContain("\n\nkitchen.txt\n");
    expect(readFileSync(at("two.html"), "utf8").match(/<svg /g)).toHaveLength(2);
  });

  it("ranks the words of each reading, and draws them", async () => {
    const given = ["pickles.md", ...byModel, "--top", "99", "--picture", "pickles.svg"];
    const [{ queryLikelihood, attention, contrastive }] = (await found(...given)) as [Found];
    expect(words(queryLikelihood)).not.toContain("the");
    expect(words(attention)!.toSorted()).toEqual(words(contrastive)!.toSorted());
    const place = (ranked: { word: string }[] | undefined) => words(ranked)!.indexOf("the");
    expect(place(attention)).toBeLessThan(place(contrastive));
    for (const list of [queryLikelihood, attention!, contrastive!])
      for (let i = 1; i < list.length; i++) expect(list[i]!.score).toBeLessThanOrEqual(list[i - 1]!.score);
    const svg = readFileSync(at("pickles.svg"), "utf8");
    expect(svg).toMatch(/^<svg /);
    for (const heading of ["language model, P(w|θ)", "attention, β", "contrast, γ, bits", "pickles"])
      expect(svg).toContain(`>${heading}<`);
    expect(JSON.parse(readFileSync(at("pickles.svg.propria-run.json"), "utf8")).command).toBe("keywords");
  });

  it("leaves out other stop words when told", async () => {
    writeFileSync(at("stop.txt"), "pickles\n");
    const of = async (list: string) => words((await found("pickles.md", "--stopwords", list))[0]!.queryLikelihood);
    expect(await of("stop.txt")).not.toContain("pickles");
    expect(await of("none")).toContain("the");
  });

  it("gives each document of the corpus a line of JSON, or those that are named, or the first few", async () => {
    const all = await found(...byModel);
    expect(all).toHaveLength(14);
    expect(all[0]).toMatchObject({ id: "bread" });
    expect(await found(...byModel, "--id", "tea", "soup")).toEqual(
      all.filter(({ id }) => id === "tea" || id === "soup"),
    );
    const first = await found(...byModel, "--limit", "1", "--top", "3", "--attention", "attended");
    const { id, queryLikelihood, attention, contrastive } = all[0]!;
    const top = <T>(list: T[] | undefined) => list?.slice(0, 3);
    expect(first).toEqual([
      { id, queryLikelihood: top(queryLikelihood), attention: top(attention), contrastive: top(contrastive) },
    ]);
    expect(words(all.find(({ id }) => id === "tea")!.queryLikelihood)).toContain("water");
  });

  it("keeps the attention where it is told, for B-PROP's pre-training to use", async () => {
    const kept = readdirSync(at("attended"));
    expect(kept).toHaveLength(1);
    const bProp = ["pretrain", "--corpus", kitchen, "--objective", "b-prop", "--init", "encoder", "--steps", "1"];
    const options = ["attention=attended", "shortDocumentTokens=0"].flatMap((option) => ["--option", option]);
    await works(...bProp, ...options, "--batch", "2", "--threads", "1", "--out", "b-prop");
    expect(readdirSync(at("attended"))).toEqual(kept);
  });

  it("finds Chinese words", async () => {
    const line = await works("keywords", "--corpus", teahouse, "--words", "chinese", "--id", "cha", "--json");
    expect(words((JSON.parse(line) as Found).queryLikelihood)!.join("")).toMatch(/^\p{Script=Han}+$/u);
  });

  it.each<[string[], string]>([
    [["absent.md"], "absent.md: no such file or folder"],
    [["--id", "tee"], `--id: ${kitchen} has no document "tee"`],
    [["pickles.md", "--limit", "2"], "--limit: chooses among the corpus' documents, and FILE asks about none of them"],
    [["pickles.md", "--attention", "x"], "--attention: keeps what a model attends to, so it needs --model DIR"],
    [["pickles.md", "--picture", "x.png"], '--picture: expected a name that ends in .svg or .html, found "x.png"'],
    [["--picture", "x.svg"], "--picture: an .svg holds one document (name an .html, or one FILE or --id)"],
    [
      ["pickles.md", "--picture", "pickles.svg"],
      "pickles.svg: exists already (name another --out, or remove it first)",
    ],
    [["pickles.md", "--stopwords", "englisch"], "englisch: cannot read the stop words"],
    [["pickles.md", "--model", "vocab"], "vocab/config.json: "],
  ])("refuses %j in one line", async (given, line) => {
    const outcome = errorLine(await propria(cwd, "keywords", "--corpus", kitchen, ...given));
    expect(outcome).toEqual({ line: expect.stringContaining(line), status: 2 });
    expect(existsSync(at("x.svg"))).toBe(false);
  });
});
