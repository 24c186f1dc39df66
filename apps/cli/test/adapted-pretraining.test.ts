import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, propria, temporaryFolder } from "./program.ts";

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
const adapting = (out: string, ...more: string[]) => [
  ...["pretrain", "--corpus", kitchen, "--init", "encoder", "--out", out, "--threads", "1"],
  ...words("--objective mlm --batch 4 --max-tokens 32 --lr 1e-3 --seed 3 --steps 2"),
  ...more,
];
const onKitchen = ["--collection", kitchen, "--threads", "1"];

beforeAll(async () => {
  await works("vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab");
  await works(...pretraining("encoder", "--steps", "2"));
});

describe("pretrain --adapter", () => {
  it("leaves the folder of an adapter, which encodes, is fine-tuned further, described and merged", async () => {
    const { stdout, stderr } = await works(...adapting("lora", "--adapter", "lora", "--adapter-option", "rank=2"));
    expect(stdout).toMatch(/^lora: 2 steps, loss \d/);
    expect(stderr).toMatch(/^lora: 512 parameters, /m);
    expect(readdirSync(at("lora"))).not.toContain("model.safetensors");

    const tune = ["finetune", "bi-encoder", ...onKitchen, "--init", "lora", "--out", "tuned"];
    await works(...tune, ...words("--batch 2 --steps 2 --max-tokens 32 --query-tokens 12 --group-size 2 --lr 1e-2"));
    const encode = ["encode", "--corpus", kitchen, "--threads", "1"];
    await works(...encode, "--model", "tuned", "--out", "vectors");

    const info = (await works("adapter", "info", "tuned")).stdout;
    expect(info).toMatch(/^adapter {3}lora, which can be merged$/m);
    expect(info).toMatch(/^options {3}rank=2 alpha=.*|rank=2 dropout=0\.1/m);
    expect(info).toContain(`${at("encoder")}: the one that it was trained on`);
    expect(info).toMatch(/^size {6}512 parameters, \d\.\d{3} % of the model's; [\d,]+ bytes with heads$/m);
    expect(info).toMatch(/^sites {5}linear attention\.self\.query: 2$/m);
    expect(JSON.parse((await works("adapter", "info", "lora", "--json")).stdout)).toMatchObject({
      adapter: "lora",
      base: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), stated: true },
      heads: expect.arrayContaining(["cls.predictions.bias"]),
      weights: 512,
    });

    expect((await works("adapter", "merge", "tuned", "--out", "merged")).stdout).toBe(
      "merged: a model, with tuned in its weights\n",
    );
    expect(readdirSync(at("merged"))).toEqual(
      expect.arrayContaining(["model.safetensors", "vocab.txt", "propria.json"]),
    );
    await works(...encode, "--model", "merged", "--out", "merged-vectors");
  });

  it("ranks from the start where the objective has a ranking head, and is fine-tuned as a cross-encoder", async () => {
    await works(
      ...adapting(
        "prop",
        "--objective",
        "prop",
        "--adapter",
        "iaa-m",
        ...words("--option minCollectionFrequency=1 --option shortDocumentTokens=0"),
      ),
    );
    await works("search", "--bm25", "--collection", kitchen, "--out", "bm25.run");
    const rerank = ["rerank", "--run", "bm25.run", ...onKitchen, "--depth", "3"];
    await works(...rerank, "--model", "prop", "--out", "prop.run");
    const tune = ["finetune", "cross-encoder", ...onKitchen, "--init", "prop", "--out", "cross"];
    const { stderr } = await works(...tune, ...words("--steps 2 --batch 2 --max-tokens 48"));
    expect(stderr).toContain("ranking head: that of the model");
    await works(...rerank, "--model", "cross", "--out", "cross.run");
    expect(await fails("adapter", "merge", "cross", "--out", "none")).toEqual(
      refused("iaa-m: adapter cannot be merged: it is no change of the model's weights"),
    );
    expect(existsSync(at("none"))).toBe(false);
  });

  it("tells bad input in one line", async () => {
    const fresh = pretraining("none", "--steps", "1", "--adapter", "lora");
    expect(await fails(...fresh)).toEqual(refused("--adapter: needs a model to stand on (give --init DIR)"));
    expect(await fails(...adapting("none", "--adapter", "lora", "--rounds", "2"))).toEqual(
      refused("--rounds: is no parameter of --adapter"),
    );
    expect(await fails(...adapting("none", "--init", "lora"))).toEqual(
      refused("lora: holds an adapter, and a training starts from a whole model (merge it into its model"),
    );
    expect(await fails("adapter", "info", "encoder")).toEqual(refused("encoder: holds no adapter"));
    expect(existsSync(at("none"))).toBe(false);
  });
});

describe("an adapter of one's own that is wrong", () => {
  /** A file whose answer at the queries' maps is `answer`. */
  const file = (answer: string, parameters = '"mine.bias": { shape: [out], std: 0 }') => {
    const text = `import { defineAdapter } from "@propria/adapters";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
export default defineAdapter({
  name: "mine",
  options: z.object({}),
  sites: () => ({ linear: ["attention.self.query"] }),
  parameters: ({ out }) => ({ ${parameters} }),
  attach: () => ({
    linear: (p, x, y) => ${answer},
  }),
});
`;
    writeFileSync(at("mine.js"), text);
    return adapting("mine", "--adapter", "./mine.js");
  };
  const site = "bert.encoder.layer.0.attention.self.query";

  it.each([
    ["throws", "tf.plus(y, p.get('mine.bias'))", `mine.js:10: in linear of mine at ${site}: tf.plus is not a function`],
    ["gives another shape", "tf.sum(y, 1, true)", `mine: linear at ${site}: answers [`],
    [
      "gives no number",
      "tf.add(tf.log(tf.mul(-1, tf.square(y))), p.get('mine.bias'))",
      `mine.js, step 1: mine: linear at ${site}: the answer is no number`,
    ],
  ])("and %s is told in one line", async (_, answer, line) => {
    expect(await fails(...file(answer))).toEqual(refused(line));
    expect(existsSync(at("mine"))).toBe(false);
  });

  it("and gives no parameters is told in one line", async () => {
    const shapeless = file("y", '"mine.bias": { std: 0 }');
    expect(await fails(...shapeless)).toEqual(
      refused(`mine.js:8: in parameters of mine for linear at ${site}: the shape of mine.bias is `),
    );
    expect(readFileSync(at("mine.js"), "utf8")).toContain("std: 0");
  });
});
