/** The effective settings of a command: the command line wins over the config file, that over the defaults. */
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { stringify } from "yaml";
import { type Flags, kebab, type Values } from "./flag.ts";

/** Where a value comes from. */
export type Origin = "command line" | "config file" | "default";

/** Every flag's value and where it comes from, by the flag's name in camelCase. */
export interface Settings<F extends Flags = Flags> {
  values: Values<F>;
  origins: Readonly<Record<string, Origin>>;
}

/** Raw values as they were found. */
export interface Sources {
  /** By the flag's name in camelCase. */
  commandLine: Readonly<Record<string, unknown>>;
  /** By the flag's name in kebab-case. */
  configFile: Readonly<Record<string, unknown>>;
  /** Path of the config file, for errors. */
  configPath?: string | undefined;
}

/**
 * Reads every flag from its strongest source.
 *
 * @throws {PropriaError} `FLAG_VALUE` for one that cannot be read.
 */
export function settingsOf<F extends Flags>(flags: F, { commandLine, configFile, configPath }: Sources): Settings<F> {
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const key = kebab(name);
    const inFile = configFile[key];
    if (commandLine[name] !== undefined) {
      values[name] = flag.read(commandLine[name], `--${key}`);
      origins[name] = "command line";
    } else if (inFile !== undefined && inFile !== null) {
      values[name] = flag.read(inFile, `${configPath}: ${key}`);
      origins[name] = "config file";
    } else {
      values[name] = flag.fallback;
      origins[name] = "default";
    }
  }
  return { values: values as Values<F>, origins };
}

/** @throws {PropriaError} `FLAG_MISSING` when a required flag has no value. */
export function requireAll(flags: Flags, { values }: Settings): void {
  const missing = Object.entries(flags).filter(([name, flag]) => flag.required && values[name] === undefined);
  if (missing.length === 0) return;
  const usage = missing.map(([name, flag]) => `--${kebab(name)} ${flag.placeholder}`).join(" ");
  throw new PropriaError("FLAG_MISSING", `needs ${usage}`, {
    mend: missing.map(([name, flag]) => `${kebab(name)}: ${flag.about}`).join("; "),
  });
}

/** The settings as YAML that `--config-file` reads back; each line says where its value comes from. */
export function printSettings(flags: Flags, { values, origins }: Settings): string {
  const lines = Object.entries(flags).map(([name, flag]) => {
    const value = values[name];
    const key = kebab(name);
    if (value === undefined)
      return `# ${key}: ${flag.placeholder ?? ""}  # ${flag.required ? "required" : "not set"}: ${flag.about}`;
    return `${key}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd()}  # ${origins[name]}`;
  });
  return lines.join("\n");
}

/** What is echoed beside the results of a command. */
export interface Echo {
  command: string;
  /** Those that belong to no flag. */
  words: readonly string[];
  version: string;
  flags: Flags;
  settings: Settings;
  /** What else a later command wants to know, as JSON. */
  facts?: Readonly<Record<string, unknown>>;
}

/** File with the effective settings, in an output folder. */
export const ECHO_FILE = "propria-run.json";

/**
 * Writes the effective settings into the output folder, or beside the output file as `FILE.propria-run.json`; its
 * `config` is a config file for the same command.
 */
export async function echoSettings(
  out: string,
  { command, words, version, flags, settings, facts }: Echo,
): Promise<void> {
  const path = (await stat(out)).isDirectory() ? join(out, ECHO_FILE) : `${out}.${ECHO_FILE}`;
  const config = Object.fromEntries(
    Object.keys(flags)
      .filter((name) => settings.values[name] !== undefined)
      .map((name) => [kebab(name), settings.values[name]]),
  );
  const called = words.length === 0 ? { command } : { command, words };
  const echo = { ...called, propria: version, node: process.version, config, ...facts };
  await writeFileAtomically(path, `${JSON.stringify(echo, null, 2)}\n`);
}

/**
 * What was echoed into a folder or beside a file; undefined where nothing was.
 *
 * @throws {PropriaError} `CONFIG_FILE` for one that is damaged.
 */
export async function readEcho(of: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const path = [join(of, ECHO_FILE), `${of}.${ECHO_FILE}`].find((each) => existsSync(each));
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new PropriaError("CONFIG_FILE", "is no JSON", {
      at: path,
      mend: "remove it; it is a note and nothing more",
      cause,
    });
  }
}
