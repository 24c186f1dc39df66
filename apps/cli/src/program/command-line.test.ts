import { expect, it } from "vitest";
import { integer, list, text } from "../flags/flag.ts";
import type { Command } from "./command.ts";
import { parseCommandLine } from "./command-line.ts";

const flags = {
  init: text("DIR", "where to start"),
  steps: integer("N", "updates"),
  run: list("RUN", "runs", { variadic: true }),
};
const command = (words?: Command["words"]): Command => ({
  description: "",
  flags,
  run: async () => undefined,
  ...(words && { words }),
});
const parse = (line: string, words?: Command["words"]) =>
  parseCommandLine("train", { command: command(words), flags }, line.split(" "), () => undefined);

it.each([
  ["--init --steps 4", "--init: lacks its value: --steps follows"],
  ["--run a b --init", "option '--init <DIR>' argument missing"],
  ["--steps 4 --init model 5", 'train takes flags alone, found "5" too'],
])("refuses %s", (line, message) => {
  expect(() => parse(line)).toThrow(message);
});

it("refuses a second word where one is taken, and no third where several are", () => {
  const topic = { name: "TOPIC", about: "one of them", min: 0 };
  expect(() => parse("objectives sizes", topic)).toThrow('train takes one TOPIC, found "sizes" too');
  expect(parse("a.run b.run c.run", { ...topic, several: true })).toMatchObject({ words: ["a.run", "b.run", "c.run"] });
});

it("takes a value that begins with dashes and is no flag", () => {
  expect(parse("--init --model --run a b")).toMatchObject({ raw: { init: "--model", run: ["a", "b"] } });
});
