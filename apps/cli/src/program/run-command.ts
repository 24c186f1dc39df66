/** One call of the program: words in, exit status out. */
import pino from "pino";
import { readConfigFile } from "../flags/config-file.ts";
import { type Flags, kebab } from "../flags/flag.ts";
import { COMMAND_LINE_ONLY, generalFlags } from "../flags/general.ts";
import { echoSettings, printSettings, requireAll, type Settings, settingsOf } from "../flags/settings.ts";
import type { CommandContext } from "./command.ts";
import { ANSWERED, answerGroup, answerWithoutCommand, parseCommandLine, requireWords } from "./command-line.ts";
import { commands, findCommand } from "./commands.ts";
import { failureOf, stackOf } from "./failure.ts";
import { onInterrupt } from "./interrupt.ts";
import { withoutLeftovers } from "./leftovers.ts";
import { progressDisplay } from "./progress.ts";
import { version } from "./version.ts";

const PRINT_CONFIG = "print-config";

/**
 * Runs the program.
 *
 * @param words The command line after `propria`.
 * @returns     The exit status: 0, 1 after a bug of ours, 2 after bad input, 130 after Ctrl-C.
 */
export async function runProgram(words: readonly string[]): Promise<number> {
  const progress = progressDisplay(process.stderr);
  try {
    await dispatch(words, progress);
    return 0;
  } catch (error) {
    progress.clear();
    const { line, status } = failureOf(error);
    process.stderr.write(`propria: ${line}\n`);
    if (words.includes("--debug")) process.stderr.write(`${stackOf(error)}\n`);
    return status;
  }
}

async function dispatch(words: readonly string[], progress: CommandContext["progress"]): Promise<void> {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const [first, ...others] = words;
  if (first === PRINT_CONFIG && others[0] !== undefined && !others[0].startsWith("-"))
    return dispatch([...others, "--print-config"], progress);
  if (first === undefined || first.startsWith("-") || first === PRINT_CONFIG)
    return answerWithoutCommand(first === PRINT_CONFIG ? [] : words, version, print);

  const called = await findCommand(words);
  if ("group" in called) return answerGroup(called, print);
  const { path, command } = called;
  const name = path.join(" ");
  const flags: Flags = { ...command.flags, ...generalFlags };
  const parsed = parseCommandLine(name, { command, flags }, called.words, print);
  if (parsed === ANSWERED) return;
  const settings = await effective(path, flags, parsed.raw);
  const kept = without(flags, COMMAND_LINE_ONLY);
  if (settings.values.printConfig === true) return void print(printSettings(kept, settings));
  requireWords(command, parsed.words);
  requireAll(flags, settings);

  const log = pino(
    { level: settings.values.logLevel as string, base: { command: name } },
    pino.destination({ dest: 2, sync: true }),
  );
  const interruption = command.onInterrupt && onInterrupt(command.onInterrupt === "resumes", progress.note);
  const echo = { command: name, words: parsed.words, version, flags: kept, settings };
  log.debug({ version, node: process.version, settings: settings.values }, "settings");
  const started = performance.now();
  try {
    const context: CommandContext = {
      progress,
      signal: interruption?.signal ?? new AbortController().signal,
      log,
      print,
      note: progress.note,
      echoSettings: (out, facts = {}) => echoSettings(out, { ...echo, facts }),
      version,
    };
    const { out } = settings.values;
    await withoutLeftovers(typeof out === "string" ? out : undefined, command.trains === true, () =>
      command.run(own(command.flags, settings), context, parsed.words),
    );
    log.info({ seconds: (performance.now() - started) / 1000, peakMemoryMb: peakMemoryMb() }, "done");
  } catch (error) {
    log.error({ err: error }, "failed");
    throw error;
  } finally {
    interruption?.stop();
  }
}

async function effective(
  path: readonly string[],
  flags: Flags,
  commandLine: Record<string, unknown>,
): Promise<Settings> {
  const configPath = typeof commandLine.configFile === "string" ? commandLine.configFile : undefined;
  const inFile = Object.keys(without(flags, COMMAND_LINE_ONLY)).map(kebab);
  const [first = "", second] = path;
  const entry = commands[first]!;
  const sections = [
    { name: first, all: Object.keys(commands) },
    ...(second !== undefined && "commands" in entry ? [{ name: second, all: Object.keys(entry.commands) }] : []),
  ];
  const known = { command: path.join(" "), flags: inFile, sections };
  const configFile = configPath === undefined ? {} : await readConfigFile(configPath, known);
  return settingsOf(flags, { commandLine, configFile, configPath });
}

const without = (flags: Flags, names: readonly string[]): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => !names.includes(name)));

/** The values of a command's own flags. */
const own = (flags: Flags, { values }: Settings) =>
  Object.fromEntries(Object.keys(flags).map((name) => [name, values[name]])) as never;

/** The most memory that the process has held, in MB; what belongs to its threads and native libraries counts. */
const peakMemoryMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);
