import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, propria, start, temporaryFolder } from "./program.ts";
import { until } from "./wait.ts";

/** The TypeScript of docs/write-an-adapter.md, in a folder without node_modules. */
const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-adapter.md", import.meta.url)), "utf8");
const [SCALING] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

const cwd = temporaryFolder();
const at = (path: string) => join(cwd, path);
const words = (text: string) => text.split(/\s+/).filter(Boolean);
const works = async (...given: string[]) => {
  const { stdout, stderr, status } = await propria(cwd, ...given);
  expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
  return { stdout, stderr };
};
const fails = async (...given: string[]) => errorLine(await propria(cwd, ...given));
const refused = (part: string) => ({ line: expect.stringContaining(part), status: 2 });
const onKitchen = ["--collection", kitchen, "--threads", "1"];
const training = (out: string, ...more: string[]) => [
  ...["finetune", "bi-encoder", ...onKitchen, "--init", "encoder", "--out", out, ...more],
  ...words("--batch 2 --max-tokens 32 --query-tokens 12 --lr 1e-2 --seed 3 --group-size 3"),
];

beforeAll(async () => {
  await works("vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab");
  await works(...pretraining("encoder", "--steps", "2"));
  writeFileSync(at("scaling.ts"), SCALING!);
});

describe("finetune cross-encoder --adapter", () => {
  it("trains it and a head, and re-ranks with it", async () => {
    await works("search", "--bm25", "--collection", kitchen, "--out", "bm25.run");
    const flags = words(
      "--init encoder --out cross --steps 3 --batch 2 --max-tokens 48 --adapter mam --adapter-option rank=2",
    );
    expect((await works("finetune", "cross-encoder", ...onKitchen, ...flags)).stdout).toMatch(
      /^cross: 3 steps, loss \d/,
    );
    const rerank = ["rerank", "--model", "cross", "--run", "bm25.run", ...onKitchen, "--depth", "3", "--out"];
    expect((await works(...rerank, "cross.run")).stdout).toMatch(/^cross\.run: 4 queries, the top 3 of each, /);
    expect(await fails(...rerank, "none.run", "--base", "nowhere")).toEqual(
      refused("its model is expected at nowhere,"),
    );
  });
});

describe("finetune bi-encoder --adapter", () => {
  it("trains it, tells its size, and leaves a folder that encodes, is indexed and searched like a model's", async () => {
    const { stdout, stderr } = await works(
      ...training("lora", "--steps", "3", "--adapter", "lora", "--adapter-option", "rank=2"),
    );
    expect(stdout).toMatch(/^lora: 3 steps, loss \d/);
    expect(stderr).toMatch(/^lora: 512 parameters, \d\.\d{3} % of the model's$/m); // A and B, of 2 maps in 2 layers 32 wide
    expect(readdirSync(at("lora"))).not.toContain("model.safetensors");
    expect(statSync(at("lora/adapter_model.safetensors")).size).toBeLessThan(5000);
    await works("encode", "--model", "lora", "--corpus", kitchen, "--out", "vectors", "--threads", "1");
    await works("index", "--vectors", "vectors", "--out", "index");
    await works("search", "--index", "index", ...onKitchen, "--out", "lora.run");
    await works(...training("lora-2", "--steps", "2", "--adapter", "lora", "--adapter-option", "rank=2"));
    const other = await fails("search", "--index", "index", "--model", "lora-2", ...onKitchen, "--out", "none.run");
    expect(other).toEqual(refused("adapter"));
    expect(
      (await fails("search", "--index", "index", "--model", "encoder", ...onKitchen, "--out", "none.run")).status,
    ).toBe(2);
  });

  it("stopped by Ctrl-C and called again, ends in the same file", async () => {
    const long = (out: string) => training(out, "--steps", "150", "--adapter", "iaa-l");
    const { child, ended } = start(cwd, ...long("stopped"));
    const log = at("stopped/events.jsonl");
    await until(() => existsSync(log) && readFileSync(log, "utf8").split("\n").length > 5, "5 steps");
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    await works(...long("stopped"));
    await works(...long("unbroken"));
    const file = (out: string) => readFileSync(at(`${out}/adapter_model.safetensors`));
    expect(file("stopped").equals(file("unbroken"))).toBe(true);
  });

  it("trains one of a user's file, which is asked for again where the folder is opened", async () => {
    await works(...training("scaled", "--steps", "2", "--adapter", "./scaling.ts"));
    const encode = ["encode", "--model", "scaled", "--corpus", kitchen, "--out", "scaled-vectors", "--threads", "1"];
    expect(await fails(...encode)).toEqual(refused("scaled: scaling is an adapter of your own, defined in "));
    await works(...encode, "--adapter-file", "scaling.ts");
    await works("index", "--vectors", "scaled-vectors", "--out", "scaled-index");
    await works("search", "--index", "scaled-index", ...onKitchen, "--out", "scaled.run"); // the index remembers the file
  });

  it("tells bad input in one line, and leaves nothing", async () => {
    const train = (...more: string[]) => fails(...training("none", "--steps", "1", ...more));
    expect(await train("--adapter", "lorra")).toEqual(refused('no adapter is called "lorra"'));
    expect(await train("--adapter", "./none.ts")).toEqual(refused("./none.ts: no such file"));
    expect(await train("--adapter-option", "rank=2")).toEqual(
      refused("--adapter-option: is no parameter of a training without"),
    );
    expect(await train("--adapter", "lora", "--adapter-option", "ranks=2")).toEqual(refused("did you mean rank?"));
    expect(await train("--adapter", "lora", "--adapter-option", 'targets=["query.dense"]')).toEqual(
      refused('lora: no linear is called "query.dense" (there are '),
    );
    expect(await train("--adapter", "lora", "--init", "lora")).toEqual(
      refused("lora: holds the adapter lora, which a training goes on with"),
    );
    expect(existsSync(at("none"))).toBe(false);
  });

  it("wants the model that it was trained on, wherever that is", async () => {
    const encode = (out: string, ...more: string[]) => [
      ...["encode", "--model", "lora", "--queries", kitchen, "--out", out, "--threads", "1", ...more],
    ];
    await works(...pretraining("another", "--steps", "3"));
    expect(await fails(...encode("none", "--base", "another"))).toEqual(refused("lora: was trained on another model"));
    renameSync(at("encoder"), at("moved"));
    expect(await fails(...encode("none"))).toEqual(
      refused(`its model is expected at ${at("encoder")}, where there is none`),
    );
    await works(...encode("queries", "--base", "moved"));
    renameSync(at("moved"), at("encoder"));
  });
});
