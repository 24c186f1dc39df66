import { describe, expect, it } from "vitest";
import { z } from "zod";
import { builtIn, builtInObjectives } from "./built-in.ts";
import { describeOptions, objectiveOptions } from "./index.ts";

const objective = {
  name: "toy",
  options: z.object({
    spans: z.number().int().positive().default(5).describe("spans of a document"),
    mu: z
      .union([z.literal("average"), z.number()])
      .default("average")
      .describe("words"),
    ties: z.boolean().default(true).describe("drop them"),
    label: z.string().default("a").describe("any text"),
    sizes: z.array(z.number()).default([1, 2]).describe("tokens"),
    form: z.enum(["cf", "df"]).default("cf").describe("which"),
    kinds: z
      .array(z.enum(["word", "phrase"]))
      .default(["word"])
      .describe("of spans"),
    band: z.tuple([z.number().int(), z.number()]).default([4, 16]).describe("shortest and longest"),
  }),
};

describe("objectiveOptions", () => {
  it("gives the defaults", () => {
    expect(objectiveOptions(objective)).toEqual({
      spans: 5,
      mu: "average",
      ties: true,
      label: "a",
      sizes: [1, 2],
      form: "cf",
      kinds: ["word"],
      band: [4, 16],
    });
  });

  it.each([
    ["spans=7", { spans: 7 }],
    ['kinds=["phrase"]', { kinds: ["phrase"] }],
    ["band=[2,8]", { band: [2, 8] }],
    ["mu=1500", { mu: 1500 }],
    ["mu=average", { mu: "average" }],
    ["ties=false", { ties: false }],
    ["label=5", { label: "5" }],
    ["label=a=b", { label: "a=b" }],
    ["label=", { label: "" }],
    ["sizes=[4,16]", { sizes: [4, 16] }],
    ["form=df", { form: "df" }],
  ])("reads %s as its schema wants it", (pair, expected) => {
    expect(objectiveOptions(objective, [pair])).toMatchObject(expected);
  });

  it("takes values too", () => {
    expect(objectiveOptions(objective, { spans: 3 })).toMatchObject({ spans: 3, mu: "average" });
  });

  it.each([
    [
      ["span=3"],
      'toy has no option "span" (did you mean spans? There are: spans, mu, ties, label, sizes, form, kinds, band)',
    ],
    [
      ["spans"],
      'expected name=value, found "spans" (the options of toy are spans, mu, ties, label, sizes, form, kinds, band)',
    ],
    [["spans=1", "spans=2"], "options.spans: given twice"],
    [["spans=x"], "options.spans: Invalid input: expected number, received string (integer: spans of a document)"],
    [["spans=0"], "options.spans: Too small: expected number to be >0 (integer: spans of a document)"],
    [["ties=yes"], "options.ties: Invalid input: expected boolean, received string (boolean: drop them)"],
    [["form=tf"], 'options.form: Invalid option: expected one of "cf"|"df" ("cf" | "df": which)'],
  ])("refuses %j in one line", (given, message) => {
    expect(() => objectiveOptions(objective, given)).toThrow(expect.objectContaining({ message }));
  });

  it("refuses an unknown name among values", () => {
    expect(() => objectiveOptions(objective, { tie: true })).toThrow('toy has no option "tie" (did you mean ties?');
  });

  it("refuses prototype names", () => {
    expect(() => objectiveOptions(objective, ["constructor=1"])).toThrow('no option "constructor"');
  });
});

describe("describeOptions", () => {
  it("lists every option with type, default and description", () => {
    expect(describeOptions(objective)).toEqual([
      { name: "spans", type: "integer", default: 5, description: "spans of a document" },
      { name: "mu", type: '"average" | number', default: "average", description: "words" },
      { name: "ties", type: "boolean", default: true, description: "drop them" },
      { name: "label", type: "string", default: "a", description: "any text" },
      { name: "sizes", type: "number[]", default: [1, 2], description: "tokens" },
      { name: "form", type: '"cf" | "df"', default: "cf", description: "which" },
      { name: "kinds", type: '("word" | "phrase")[]', default: ["word"], description: "of spans" },
      { name: "band", type: "[integer, number]", default: [4, 16], description: "shortest and longest" },
    ]);
  });

  it.each(builtInObjectives())("describes every option of %s", async (name) => {
    for (const option of describeOptions((await builtIn(name))!)) {
      expect(option.description, option.name).not.toBe("");
      expect(option.default, option.name).toBeDefined();
    }
  });
});
