import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonical, hashOf, type Json } from "./canonical.ts";
import { openGraph } from "./graph.ts";
import { contentHash, source } from "./source.ts";
import { defineStep, type Step } from "./step.ts";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "graph-"));
});
afterEach(() => rmSync(work, { recursive: true }));

/** A step that adds its inputs and a setting, and notes that it ran. */
function sum(
  name: string,
  add: number,
  inputs: Record<string, Step<number>>,
  ran: string[],
  version = 1,
): Step<number> {
  return defineStep({
    ...{ name, kind: "sum", version, settings: { add }, inputs },
    async run({ of }) {
      ran.push(name);
      return Object.values(inputs).reduce((total, input) => total + of(input).output, add);
    },
  });
}

/** a → b → d, a → c → d. */
function diamond(settings: Partial<Record<"a" | "b" | "c" | "d", number>>, ran: string[], version = 1): Step<number> {
  const a = sum("a", settings.a ?? 1, {}, ran);
  const b = sum("b", settings.b ?? 10, { a }, ran, version);
  const c = sum("c", settings.c ?? 100, { a }, ran);
  return sum("d", settings.d ?? 1000, { b, c }, ran);
}

const resultOf = async (step: Step<number>) => (await openGraph({ work }).run(step)).output;

describe("openGraph", () => {
  it("runs a step after those that it needs, and each once", async () => {
    const ran: string[] = [];
    expect(await resultOf(diamond({}, ran))).toBe(1112);
    expect(ran).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps what was made, and makes again what a setting or a version changes and what comes after it", async () => {
    await resultOf(diamond({}, []));
    const check = async (step: (ran: string[]) => Step<number>, expected: string[]) => {
      const ran: string[] = [];
      await resultOf(step(ran));
      expect(ran).toEqual(expected);
    };
    await check((ran) => diamond({}, ran), []);
    await check((ran) => diamond({ c: 200 }, ran), ["c", "d"]);
    await check((ran) => diamond({}, ran, 2), ["b", "d"]);
    await check((ran) => diamond({ a: 2 }, ran), ["a", "b", "c", "d"]);
  });

  it("runs a step again that was stopped, in the folder that it left", async () => {
    const interrupted = new AbortController();
    const left: string[][] = [];
    const step = defineStep({
      ...{ name: "half", kind: "half", version: 1, settings: {}, inputs: {} },
      async run({ folder, stopIfAsked }) {
        left.push(readdirSync(folder));
        writeFileSync(join(folder, "part"), "");
        stopIfAsked();
        return null;
      },
    });
    const graph = openGraph({
      work,
      signal: interrupted.signal,
      onEvent: ({ state }) => state === "started" && interrupted.abort(),
    });
    await expect(graph.run(step)).rejects.toThrow(/^half: stopped; what is finished is kept/);
    await openGraph({ work }).run(step);
    expect(left).toEqual([[], ["part"]]);
  });

  it("tells a step that reads what it did not name", async () => {
    const hidden = sum("hidden", 1, {}, []);
    const step = { ...sum("d", 1, {}, []), run: async ({ of }: Parameters<Step["run"]>[0]) => of(hidden).output };
    await expect(resultOf(step)).rejects.toThrow(/step d reads hidden, which is not among its inputs/);
  });
});

describe("source", () => {
  it("is known by its contents, not by its place", async () => {
    const folders = ["a", "b", "c"].map((name) => mkdtempSync(join(work, name)));
    for (const folder of folders) writeFileSync(join(folder, "corpus.jsonl"), folder === folders[2] ? "other" : "same");
    writeFileSync(join(folders[1]!, "README.md"), "what this is");
    const keys: string[] = [];
    for (const folder of folders) keys.push(await openGraph({ work }).key(source("toy", folder)));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it("says which folder is missing", async () => {
    await expect(contentHash(join(work, "none"), {})).rejects.toThrow(/none: there is no such file or folder/);
  });
});

describe("canonical", () => {
  it("is one text for objects that differ in the order of their members", () => {
    const check = (a: Json, b: Json) => expect(hashOf(a)).toBe(hashOf(b));
    check({ a: 1, b: [{ c: null, d: "x" }] }, { b: [{ d: "x", c: null }], a: 1 });
    expect(canonical([1, "1", true])).toBe('[1,"1",true]');
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });
});
