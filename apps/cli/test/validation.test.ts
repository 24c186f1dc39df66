import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, propria, start, temporaryFolder } from "./program.ts";
import { until } from "./wait.ts";

/** Rankers that are validated while they learn, on another split or fold by fold, as a user runs it. */
describe("fine-tuning a ranker with validation", () => {
  const cwd = temporaryFolder();
  const at = (path: string) => join(cwd, path);
  const works = async (...words: string[]) => {
    const { stdout, stderr, status } = await propria(cwd, ...words);
    expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
    return stdout;
  };
  const small = ["--collection", kitchen, "--batch", "2", "--threads", "1", "--candidates-depth", "5"];
  const cross = ["finetune", "cross-encoder", ...small, "--init", "mlm", "--max-tokens", "32"];
  const drmm = ["finetune", "drmm", ...small, "--dimensions", "4", "--min-count", "1"];

  beforeAll(async () => {
    await works("vocab", "--corpus", kitchen, "--size", "200", "--out", "vocab");
    await works(...pretraining("mlm", "--steps", "2"));
    await works("search", "--bm25", "--collection", kitchen, "--split", "test", "--out", "bm25.run");
  });

  it("keeps the weights that rank another split's queries best", async () => {
    const flags = ["--validate", "test", "--measure", "AP", "--patience", "1", "--epochs", "2", "--queries", "2"];
    const { stdout, stderr } = await propria(cwd, ...cross, ...flags, "--candidates", "bm25.run", "--out", "cross");
    expect(stdout).toMatch(/^cross: \d+ steps, loss .*; AP \d\.\d{4} on test after step \d+\n$/);
    expect(stderr).toMatch(/^2 queries; ranking head: fresh$/m);
    expect(stderr).toMatch(/^step 1: AP \d\.\d{4}$/m);
    expect(JSON.parse(readFileSync(at("cross/propria.json"), "utf8"))).toMatchObject({
      provenance: { options: { queries: 2, validation: { split: "test", measure: "AP", patience: 1, depth: 5 } } },
    });
  });

  it("cross-validates, and killed in between goes on to the same run", async () => {
    const flags = ["--folds", "3", "--epochs", "1"];
    expect(await works(...drmm, ...flags, "--out", "cv")).toMatch(
      /^cv\/fold-1: 2 queries, nDCG@10 .*\n(cv\/fold-.*\n){2}cv\/test\.run: 4 queries, nDCG@10 \d\.\d{4}\n$/,
    );
    expect(readdirSync(at("cv")).filter((name) => /^fold-\d$/.test(name))).toEqual(["fold-1", "fold-2", "fold-3"]);
    const { child, ended } = start(cwd, ...drmm, ...flags, "--out", "killed");
    await until(() => existsSync(at("killed/fold-1.run")), "the first fold");
    child.kill("SIGKILL");
    await ended;
    expect((await propria(cwd, ...drmm, ...flags, "--out", "killed")).stderr).toMatch(/^fold 1\/3: finished before$/m);
    expect(readFileSync(at("killed/test.run"), "utf8")).toBe(readFileSync(at("cv/test.run"), "utf8"));
  });

  it("learns grades, and remembers what they mean", async () => {
    const graded = ["--labels", "1,2", "--loss", "listwise", "--steps", "2"];
    await works(...cross.filter((word) => word !== "--candidates-depth" && word !== "5"), ...graded, "--out", "graded");
    expect(JSON.parse(readFileSync(at("graded/propria.json"), "utf8"))).toMatchObject({
      provenance: { options: { labels: [1, 2], loss: "listwise" } },
    });
  });

  it("says what is wrong in one line, and leaves nothing", async () => {
    writeFileSync(at("folds.json"), '[["q7"], ["q8"], ["q9"]]');
    const fails = async (...words: string[]) => errorLine(await propria(cwd, ...words, "--out", "none"));
    const refused: [string[], string][] = [
      [cross, "--candidates-depth: is no parameter of a training without --validate or --folds"],
      [[...cross, "--validate", "test", "--folds", "3"], "--validate and --folds both say what to validate on"],
      [[...cross, "--validate", "train"], "validation.split: train is the split that is learnt"],
      [[...cross, "--validate", "tset"], 'no split "tset" (did you mean test?'],
      [[...cross, "--validate", "test", "--measure", "nDGC"], "did you mean nDCG?"],
      [[...cross, "--validate", "test", "--candidates", "none.run"], "--candidates: there is no file none.run"],
      [[...cross, "--validate", "test", "--labels", "scald"], 'found "scald" (did you mean scaled?)'],
      [[...cross, "--validate", "test", "--labels", "2,1"], "labels: thresholds 2, 1 (give rising grades above 0)"],
      [[...drmm, "--validate", "test", "--labels", "0"], "--labels: expected more than 0, found 0"],
      [[...drmm, "--folds", "2"], "2 folds of 4 queries"],
      [[...drmm, "--folds", "none.json"], "--folds: there is no file none.json"],
      [[...drmm, "--folds", "folds.json"], "split test: query q10 is judged, and in no fold"],
      [[...drmm, "--folds", "3", "--queries", "9"], "queries have a relevant document, not 9"],
      [[...drmm, "--folds", "3", "--queries", "0"], "--queries: expected more than 0, found 0"],
    ];
    for (const [words, line] of refused)
      expect(await fails(...words)).toEqual({ line: expect.stringContaining(line), status: 2 });
    expect(existsSync(at("none"))).toBe(false);
    expect(errorLine(await propria(cwd, ...drmm, "--folds", "3", "--epochs", "1", "--out", "cv"))).toEqual({
      line: expect.stringMatching(/^cv\/test\.run: exists already/),
      status: 2,
    });
  });
});
