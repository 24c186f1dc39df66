/** A `--config-file`: JSON or YAML in which every flag can stand, by its name without the dashes. */
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import { readYaml } from "./yaml-file.ts";

/** What a config file may hold. */
export interface KnownNames {
  /** The command that reads it. */
  command: string;
  /** Its flags, in kebab-case. */
  flags: readonly string[];
  /**
   * The command's name, word by word, each among all the names that may stand at its place: a mapping under a command's name
   * holds that command's flags alone, so one file serves many.
   */
  sections: readonly { name: string; all: readonly string[] }[];
}

/**
 * The raw values in a config file for one command, by flag in kebab-case. Those under the command's name win over those
 * at the top.
 *
 * @throws {PropriaError} `CONFIG_FILE` when it cannot be read or is no mapping; `CONFIG_KEY` for a name that is no flag of the command.
 */
export async function readConfigFile(path: string, known: KnownNames): Promise<Record<string, unknown>> {
  return flagsIn(await readYaml(path), path, known);
}

/** The flags in a mapping, and over them those in its section for the command. */
function flagsIn(value: unknown, at: string, { command, flags, sections }: KnownNames): Record<string, unknown> {
  const entries = Object.entries(mapping(value, at));
  const [section, ...deeper] = sections;
  const isSection = ([key, each]: [string, unknown]) =>
    section?.all.includes(key) && (isMapping(each) || !flags.includes(key)); // --index DIR, and the section of `index`
  const own = entries.find((entry) => entry[0] === section?.name && isSection(entry));
  const flat = Object.fromEntries(entries.filter((entry) => !isSection(entry)));
  check(Object.keys(flat), at, { command, flags, names: section?.all ?? [] });
  if (own === undefined || own[1] === null) return flat;
  return { ...flat, ...flagsIn(own[1], `${at}: ${own[0]}`, { command, flags, sections: deeper }) };
}

function mapping(value: unknown, at: string): Record<string, unknown> {
  if (!isMapping(value))
    throw new PropriaError("CONFIG_FILE", "expected flags with values", { at, mend: "write: seed: 7" });
  return value;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function check(
  keys: readonly string[],
  at: string,
  { command, flags, names }: { command: string; flags: readonly string[]; names: readonly string[] },
): void {
  for (const key of keys) {
    if (flags.includes(key)) continue;
    const near = nearestName(key, [...flags, ...names]);
    throw new PropriaError("CONFIG_KEY", `${command} has no flag ${JSON.stringify(key)}`, {
      at,
      mend: near === undefined ? `propria ${command} --help lists them` : `did you mean ${near}?`,
    });
  }
}
