import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { requireAll, settingsOf } from "../flags/settings.ts";
import { parseCommandLine, requireWords } from "./command-line.ts";
import { commands, type Entry, findCommand } from "./commands.ts";

const entries: [string, Entry][] = Object.entries(commands).flatMap(([name, entry]) =>
  "load" in entry
    ? [[name, entry] as [string, Entry]]
    : Object.entries(entry.commands).map(([second, each]) => [`${name} ${second}`, each] as [string, Entry]),
);

/** The words of a line as a shell would give them, without its comment. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/ +#.*$/, "").matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);

/** Reads a line as the program does, up to running it. */
async function read(line: string): Promise<void> {
  const called = await findCommand(wordsOf(line).slice(1));
  if ("group" in called) throw new Error(`${line} calls nothing`);
  const { path, command, words } = called;
  const parsed = parseCommandLine(path.join(" "), { command, flags: command.flags }, words, () => undefined);
  if (typeof parsed === "symbol") return; // --help
  const settings = settingsOf(command.flags, { commandLine: parsed.raw, configFile: {} });
  requireWords(command, parsed.words);
  requireAll(command.flags, settings);
}

const linesOf = (file: string): string[] =>
  readFileSync(fileURLToPath(new URL(file, import.meta.url)), "utf8")
    .split("\n")
    .filter((line) => /^propria [a-z]/.test(line));

describe("the examples", () => {
  it.each(entries)("of %s can be typed as they are", async (_, entry) => {
    const { default: command } = (await entry.load()) as { default: { examples?: string[] } };
    for (const example of command.examples ?? []) await read(example);
  });

  it("of the READMEs too", async () => {
    const lines = [
      ...linesOf("../../README.md"),
      ...linesOf("../../../../README.md"),
      ...linesOf("../../../../docs/write-an-objective.md"),
    ];
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) await read(line);
  });
});

describe("the README", () => {
  it("has a line for every command, in the order of the help", () => {
    const text = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
    const listed = [...text.matchAll(/^\| `(?!print-config)([^|]+) \|/gm)].map(
      ([, names]) => names!.match(/^[a-z-]+/)![0],
    );
    expect([...new Set(listed)]).toEqual(Object.keys(commands));
  });
});
