import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, spawned, temporaryFolder } from "./program.ts";

/** The TypeScript of docs/write-an-objective.md: the objective, its test, its two stages. In a folder without node_modules: what it imports comes from the program. */
const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-objective.md", import.meta.url)), "utf8");
const [OBJECTIVE, , STAGES] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!) as [
  string,
  string,
  string,
];

describe("pretrain --objective ./mine.ts", () => {
  const cwd = temporaryFolder();
  beforeAll(() => {
    expect(spawned(cwd, "vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab").status).toBe(0);
  });
  const words = (out: string, ...more: string[]) =>
    pretraining(out, "--objective", "./mine.ts", "--option", "cropTokens=12", "--steps", "3", ...more);

  it("runs a user's TypeScript file from outside the repository, with its options", () => {
    writeFileSync(join(cwd, "mine.ts"), OBJECTIVE);
    const { stdout, stderr, status } = spawned(cwd, ...words("mine"));
    expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^mine: 3 steps, loss \d/);
    expect(JSON.parse(readFileSync(join(cwd, "mine/propria.json"), "utf8"))).toMatchObject({
      contract: { pooling: "cls", similarity: "cosine" },
      provenance: { objective: "independent-cropping", options: { cropTokens: 12, temperature: 0.05 } },
    });
    expect(spawned(cwd, "encode", "--model", "mine", "--corpus", kitchen, "--out", "vectors")).toMatchObject({
      status: 0,
    });
  });

  it("trains the page's two stages in chunks", () => {
    writeFileSync(
      join(cwd, "mine.ts"),
      OBJECTIVE.replace(/ {2}loss\([\s\S]*?\n {2}},\n/, () => STAGES),
    );
    expect(spawned(cwd, ...words("chunks", "--chunk", "2")).stdout).toMatch(/^chunks: 3 steps, loss \d/);
  });

  it("tells a mistake in it in one line, the stack only on demand, and takes the mended file", () => {
    const lines = OBJECTIVE.split("\n");
    const lineOf = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    const fails = (from: string, to: string) => {
      writeFileSync(join(cwd, "mine.ts"), OBJECTIVE.replace(from, to));
      return errorLine(spawned(cwd, ...words("mended")));
    };
    expect(fails("l2Normalize(clsPooling(encode(query)))", "nope(clsPooling(encode(query)))")).toEqual({
      line: `mine.ts:${lineOf("encode(query)")}: in loss: nope is not defined (define or import it)`,
      status: 2,
    });
    expect(fails("tokenizer.encode(", "tokenizer.encod(")).toEqual({
      line: `mine.ts:${lineOf("tokenizer.encode(")}: in examples: tokenizer.encod is not a function (is it spelt right, and does this member get it?)`,
      status: 2,
    });
    const { stderr } = spawned(cwd, ...words("mended", "--debug"));
    expect(stderr).toMatch(/caused by: TypeError: tokenizer\.encod is not a function\n\s+at .*mine\.ts:\d+/);
    writeFileSync(join(cwd, "mine.ts"), OBJECTIVE);
    expect(spawned(cwd, ...words("mended")).status).toBe(0);
  });
});
