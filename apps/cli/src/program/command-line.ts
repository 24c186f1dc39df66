/** From the words of the command line to raw values, through commander. */
import { PropriaError } from "@propria/base";
import { Argument, Command as Commander, CommanderError, Option } from "commander";
import type { Flag, Flags } from "../flags/flag.ts";
import { kebab } from "../flags/flag.ts";
import type { Command, Words } from "./command.ts";
import { type CalledGroup, commands } from "./commands.ts";

/** What the words say. */
export interface Parsed {
  /** By the flag's name in camelCase; texts, lists of texts, or true. */
  raw: Record<string, unknown>;
  /** Those that belong to no flag. */
  words: string[];
}

/** The words asked for the help or the version, and got it. */
export const ANSWERED = Symbol("answered");

/**
 * Reads the words after the command's name.
 *
 * @param print Gets the text of `--help`.
 * @throws {PropriaError} `COMMAND_LINE` for a flag that is unknown (with the nearest) or lacks its value, also where the next flag
 *   stands for it, as after an empty variable of the shell, and for words too many.
 */
export function parseCommandLine(
  name: string,
  { command, flags }: { command: Command; flags: Flags },
  words: readonly string[],
  print: (text: string) => void,
): Parsed | typeof ANSWERED {
  const commander = quiet(new Commander(`propria ${name}`), print)
    .usage(command.words ? `${placeholders(command.words)} [flags]` : "[flags]")
    .description(command.description)
    .allowExcessArguments();
  if (command.words) commander.addArgument(argumentOf(command.words));
  for (const [flagName, flag] of Object.entries(flags)) commander.addOption(optionOf(flagName, flag));
  const examples = command.examples?.map((example) => `  ${example}`).join("\n");
  if (examples) commander.addHelpText("after", `\nExamples:\n${examples}`);
  return answered(() => {
    commander.parse(words, { from: "user" });
    const raw = commander.opts();
    requireValues(raw, flags);
    requireNoMore(name, command, commander.args);
    return { raw, words: commander.args };
  });
}

/** Commander takes the next word for a value, whatever it is. */
function requireValues(raw: Record<string, unknown>, flags: Flags): void {
  const dashed = new Set(Object.keys(flags).map((name) => `--${kebab(name)}`));
  for (const [name, value] of Object.entries(raw)) {
    const swallowed = [value].flat().find((each) => dashed.has(String(each)));
    if (swallowed === undefined) continue;
    throw new PropriaError("COMMAND_LINE", `lacks its value: ${swallowed} follows`, { at: `--${kebab(name)}` });
  }
}

function requireNoMore(name: string, { words }: Command, given: readonly string[]): void {
  const extra = words?.several ? undefined : given[words === undefined ? 0 : 1];
  if (extra === undefined) return;
  const takes = words === undefined ? "flags alone" : `one ${words.name}`;
  throw new PropriaError("COMMAND_LINE", `${name} takes ${takes}, found ${JSON.stringify(extra)} too`);
}

/** @throws {PropriaError} `COMMAND_LINE` for fewer words than a command needs. */
export function requireWords({ words }: Command, given: readonly string[]): void {
  if (words === undefined || given.length >= words.min) return;
  throw new PropriaError("COMMAND_LINE", `needs ${placeholders(words)}: ${words.about}`);
}

/** Answers `propria`, `propria --help` and `propria --version`. */
export function answerWithoutCommand(words: readonly string[], version: string, print: (text: string) => void): void {
  const commander = quiet(new Commander("propria"), print)
    .usage("COMMAND [flags]")
    .description("Raw text into search: vocabulary, pre-training, fine-tuning, retrieval, re-ranking, evaluation.")
    .version(version, "--version", "print the version")
    .helpCommand(false)
    .addHelpText(
      "after",
      "\npropria COMMAND --help explains one command; propria print-config COMMAND prints its settings.",
    );
  for (const [name, { summary }] of Object.entries(commands)) commander.command(name).description(summary);
  commander.command("print-config").description("the effective settings of a command, as a config file");
  answered(() => commander.parse(words.length === 0 ? ["--help"] : words, { from: "user" }));
}

/** Answers a group's name without one of its commands. */
export function answerGroup({ name, group }: CalledGroup, print: (text: string) => void): void {
  const commander = quiet(new Commander(`propria ${name}`), print)
    .usage("COMMAND [flags]")
    .description(group.summary.replace(/^./, (letter) => letter.toUpperCase()).concat("."))
    .helpCommand(false)
    .addHelpText("after", `\npropria ${name} COMMAND --help explains one of them.`);
  for (const [each, { summary }] of Object.entries(group.commands)) commander.command(each).description(summary);
  answered(() => commander.parse(["--help"], { from: "user" }));
}

/** Lets commander neither write to stderr nor end the process. */
const quiet = (commander: Commander, print: (text: string) => void): Commander =>
  commander
    .exitOverride()
    .helpOption("-h, --help", "print this help")
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: () => undefined });

function answered<Result>(parse: () => Result): Result | typeof ANSWERED {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return ANSWERED;
    const [what, hint] = error.message.replace(/^error: /, "").split(/\n\(/);
    throw new PropriaError("COMMAND_LINE", what!, { cause: error, ...(hint && { mend: mendOf(hint) }) });
  }
}

const mendOf = (hint: string): string => hint.replace(/\)\s*$/, "").replace(/^Did/, "did");

/** `[topic]`, `RUN RUN…`. */
const placeholders = ({ name, min, several }: Words): string =>
  min === 0
    ? `[${name}${several ? "…" : ""}]`
    : `${Array.from({ length: min }, () => name).join(" ")}${several ? "…" : ""}`;

/** Commander checks the choices; how few there may be is checked after it, since it knows no more than one. */
function argumentOf({ name, about, choices, several }: Words): Argument {
  const argument = new Argument(`[${name}${several ? "..." : ""}]`, about);
  return choices === undefined ? argument : argument.choices(choices);
}

function optionOf(name: string, flag: Flag<unknown>): Option {
  const dashed = `--${kebab(name)}`;
  if (flag.kind === "toggle") return new Option(dashed, flag.about);
  const fallback = flag.fallback === undefined || isEmpty(flag.fallback) ? "" : ` (default: ${String(flag.fallback)})`;
  const about = `${flag.about}${flag.required ? " (required)" : fallback}`;
  const option = new Option(`${dashed} <${flag.placeholder}${flag.variadic ? "..." : ""}>`, about);
  if (flag.kind === "value" || flag.variadic) return option;
  return option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
