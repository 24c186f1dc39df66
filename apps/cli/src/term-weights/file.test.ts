import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WeightedDocument } from "@propria/lexical";
import { afterAll, describe, expect, it } from "vitest";
import { readTermWeights, weightedLine } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: string): Promise<WeightedDocument[]> {
  const path = join(folder, "weights.jsonl");
  writeFileSync(path, content);
  return collected(readTermWeights(path));
}

describe("readTermWeights", () => {
  it("reads what was written, words that are names of an object's members too", async () => {
    const document = {
      id: "d/1",
      terms: new Map([
        ["constructor", 3],
        ["__proto__", 2],
        ["soup", 100],
      ]),
    };
    expect(await read(`${weightedLine(document)}\n`)).toEqual([document]);
  });

  it.each([
    ["[1", /weights\.jsonl:2: is no JSON/],
    ['{"id": 7, "vector": {}}', /weights\.jsonl:2: expected \{"id"/],
    ['{"id": "a", "vector": {"soup": 0.5}}', /:2: the frequency of "soup" is 0\.5 \(a whole number, 1 or more\)/],
    ['{"id": "a b", "vector": {}}', /:2: the id "a b" is empty, has spaces or begins with #/],
  ])("names file and line of %s", async (line, message) => {
    await expect(read(`${weightedLine({ id: "d1", terms: new Map([["tea", 1]]) })}${line}\n`)).rejects.toThrow(message);
  });
});

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
