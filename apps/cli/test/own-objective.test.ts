import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kitchen, pretraining, propria, temporaryFolder } from "./program.ts";

/** In a folder without node_modules: what it imports comes from the program. */
const OBJECTIVE = `
import { clsPooling } from "@propria/transformer-core";
import { crop, defineObjective, inBatchContrastive, l2Normalize } from "@propria/objectives";
import { z } from "zod";

/** Two random crops of one document are a positive pair. */
export default defineObjective({
  name: "independent-cropping",
  options: z.object({
    cropTokens: z.number().int().positive().default(64).describe("tokens per crop"),
    temperature: z.number().positive().default(0.05).describe("divides the similarities"),
  }),
  *examples(document, { random, tokenizer, options }) {
    const tokens: number[] = tokenizer.encode(document.text);
    if (tokens.length <= options.cropTokens) return;
    const next = () => crop(tokens, options.cropTokens, random);
    yield { query: next(), passage: next() };
  },
  collate: (examples, { pad }) => ({
    query: pad(examples.map((example) => example.query)),
    passage: pad(examples.map((example) => example.passage)),
  }),
  loss({ encode, options }, { query, passage }) {
    const q = l2Normalize(clsPooling(encode(query)));
    const p = l2Normalize(clsPooling(encode(passage)));
    return { loss: inBatchContrastive(q, p, options.temperature) };
  },
});
`;

describe("pretrain --objective ./mine.ts", () => {
  const cwd = temporaryFolder();

  it("runs a user's TypeScript file from outside the repository, with its options", () => {
    writeFileSync(join(cwd, "mine.ts"), OBJECTIVE);
    expect(propria(cwd, "vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab").status).toBe(0);
    const words = pretraining("mine", "--objective", "./mine.ts", "--option", "cropTokens=12", "--steps", "3");
    const { stdout, stderr, status } = propria(cwd, ...words);
    expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^mine: 3 steps, loss \d/);
    expect(JSON.parse(readFileSync(join(cwd, "mine/propria.json"), "utf8"))).toMatchObject({
      provenance: { objective: "independent-cropping", options: { cropTokens: 12, temperature: 0.05 } },
    });
  });
});
