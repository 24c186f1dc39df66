/** A `--config-file`: JSON or YAML in which every flag can stand, by its name without the dashes. */
import { readFile } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import { parseDocument } from "yaml";

/** What a config file may hold. */
export interface KnownNames {
  /** The command that reads it. */
  command: string;
  /** Its flags, in kebab-case. */
  flags: readonly string[];
  /** All commands: a mapping under a command's name holds that command's flags alone, so one file serves many. */
  commands: readonly string[];
}

/**
 * The raw values in a config file for one command, by flag in kebab-case. Those under the command's name win over those
 * at the top. JSON is read as the part of YAML that it is.
 *
 * @throws {PropriaError} `CONFIG_FILE` when it cannot be read or is no mapping; `CONFIG_KEY` for a name that is no flag of the command.
 */
export async function readConfigFile(path: string, known: KnownNames): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "ENOENT" ? "there is no such file" : `cannot be read: ${cause.message}`;
    throw new PropriaError("CONFIG_FILE", what, { at: path, cause });
  });
  const top = mapping(parse(text, path), path);
  const sections = Object.keys(top).filter((key) => known.commands.includes(key) && !known.flags.includes(key));
  const own = top[known.command];
  const section = sections.includes(known.command) && own !== null ? mapping(own, `${path}: ${known.command}`) : {};
  const flat = Object.fromEntries(Object.entries(top).filter(([key]) => !sections.includes(key)));
  check(flat, path, known, known.commands);
  check(section, `${path}: ${known.command}`, known, []);
  return { ...flat, ...section };
}

function parse(text: string, path: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new PropriaError(
      "CONFIG_FILE",
      `is neither JSON nor YAML: ${error.message.split("\n")[0]?.replace(/ at line \d+.*$/, "")}`,
      {
        at: line === undefined ? path : `${path}:${line}`,
        cause: error,
      },
    );
  }
  return document.toJS() ?? {};
}

function mapping(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PropriaError("CONFIG_FILE", "expected flags with values", { at, mend: "write: seed: 7" });
  return value as Record<string, unknown>;
}

function check(given: object, at: string, { command, flags }: KnownNames, sections: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (flags.includes(key)) continue;
    const near = nearestName(key, [...flags, ...sections]);
    throw new PropriaError("CONFIG_KEY", `${command} has no flag ${JSON.stringify(key)}`, {
      at,
      mend: near === undefined ? `propria ${command} --help lists them` : `did you mean ${near}?`,
    });
  }
}
