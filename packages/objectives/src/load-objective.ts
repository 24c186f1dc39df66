import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, isAbsolute, resolve } from "node:path";
import { PropriaError } from "@propria/base";
import { closest, distance } from "fastest-levenshtein";
import { builtIn, builtInObjectives } from "./built-in.ts";
import type { Objective } from "./define-objective.ts";
import { shownPath } from "./error-place.ts";
import { loadingMistake } from "./loading-mistake.ts";
import { memberPlace, type OwnFile, PACKAGES } from "./own-file.ts";
import { ownObjective } from "./own-objective.ts";

export const EXTENSIONS = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/**
 * An objective by name, or from a TypeScript or JavaScript file anywhere on disk.
 *
 * The file needs no build and no node_modules of its own: what it imports from @propria/*, zod and @tensorflow/tfjs-core is ours.
 * It is run, like any module: load only what you trust. Types are not checked.
 *
 * @param nameOrFile `prop`, `./mine.ts`, `/home/me/mine.js`; a relative path starts at the working directory.
 * @throws {PropriaError} `OBJECTIVE_NAME` for a name that no built-in has, with the nearest that one has; `OBJECTIVE_FILE` for a
 *   file that is not there, does not load, or whose default export is no objective. The members of a file's objective throw `OBJECTIVE_MEMBER`.
 */
export async function loadObjective(nameOrFile: string): Promise<Objective> {
  if (!isFile(nameOrFile)) return (await builtIn(nameOrFile)) ?? fail(unknownName(nameOrFile));
  const path = resolve(nameOrFile);
  if (!existsSync(path))
    throw new PropriaError("OBJECTIVE_FILE", "no such file", {
      at: nameOrFile,
      mend: `a file ending in ${EXTENSIONS.join(", ")}, or one of ${builtInObjectives().join(", ")}`,
    });
  const file = await ownFile(path);
  return ownObjective(checkedObjective(await importFile(file), file), file);
}

/** A user's file, for telling the mistakes in it. */
export async function ownFile(nameOrFile: string, kind: OwnFile["kind"] = "objective"): Promise<OwnFile> {
  const modules = await installedModules();
  const names = PACKAGES.flatMap((specifier) =>
    Object.keys(modules[specifier]!).map((name) => [name, specifier] as const),
  );
  return { kind, path: resolve(nameOrFile), exported: new Map<string, string>([...names, ["z", "zod"]]) };
}

/** What travels to a worker thread in an objective's place: a file's absolute path, or the name. */
export const objectiveReference = (nameOrFile: string): string =>
  isFile(nameOrFile) ? resolve(nameOrFile) : nameOrFile;

/** Whether an objective is named by a path: a built-in's name stays one when a folder beside is called the same. */
export const isFile = (nameOrFile: string): boolean =>
  isAbsolute(nameOrFile) || /[\\/]/.test(nameOrFile) || EXTENSIONS.includes(extname(nameOrFile));

function unknownName(name: string): PropriaError {
  const known = builtInObjectives();
  return new PropriaError("OBJECTIVE_NAME", `no objective is called ${JSON.stringify(name)}`, {
    mend: `did you mean ${closest(name.toLowerCase(), known)}? Known: ${known.join(", ")}, or a path such as ./${name || "mine"}.ts`,
  });
}

/** The module that a user's file is. @throws {PropriaError} `code`, with the line, when it does not load. */
export async function importFile(file: OwnFile, code = "OBJECTIVE_FILE"): Promise<unknown> {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(file.path, {
    fsCache: false, // nothing is written for a file of a few lines
    moduleCache: false, // an edited file is read again
    interopDefault: false,
    virtualModules: await installedModules(),
    alias: laterPackages(),
  });
  try {
    return await jiti.import(file.path);
  } catch (error) {
    throw loadingMistake(error, file, code);
  }
}

/** The modules that an objective imports, as this process has them: one copy of each, so types and registries agree. */
const installedModules = async (): Promise<Record<string, object>> => ({
  "@propria/base": await import("@propria/base"),
  "@propria/collection": await import("@propria/collection"),
  "@propria/tokenizer": await import("@propria/tokenizer"),
  "@propria/engine": await import("@propria/engine"),
  "@propria/transformer-core": await import("@propria/transformer-core"),
  "@propria/adapters": await import("@propria/adapters"),
  "@propria/trainer": await import("@propria/trainer"),
  "@propria/rop-sampler": await import("@propria/rop-sampler"),
  "@propria/objectives": await import("./index.ts"),
  "@tensorflow/tfjs-core": await import("@tensorflow/tfjs-core"),
  zod: await import("zod"),
});

/** Packages of ours that this one does not need, where they are installed beside it. */
function laterPackages(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const installed = (name: string): [string, string][] => {
    try {
      return [[name, require.resolve(name)]];
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return [];
      throw cause;
    }
  };
  return Object.fromEntries(["@propria/metrics", "@propria/lexical"].flatMap(installed));
}

const REQUIRED = ["name", "options", "examples", "collate"] as const;
const STAGES = ["represent", "contrast"] as const;
const FUNCTIONS = ["prepare", "heads", "examples", "collate", "loss", ...STAGES] as const;
const MEMBERS = ["name", "options", ...FUNCTIONS, "embedding"] as const;
const MISSPELT = 2; // edits, at most

function checkedObjective(module: unknown, file: OwnFile): Objective {
  const found = isRecord(module) ? module.default : undefined;
  const mend = `write: ${file.path.endsWith(".cjs") ? "module.exports.default =" : "export default"} defineObjective({ … })`;
  const refuse = (what: string, how = mend, at = shownPath(file.path)): never =>
    fail(new PropriaError("OBJECTIVE_FILE", what, { at, mend: how }));
  if (!isRecord(found)) return refuse("exports no objective as its default");
  for (const name of Object.keys(found)) {
    const meant = closest(name, MEMBERS);
    if (found[meant] === undefined && distance(name, meant) <= MISSPELT)
      refuse(`an objective has no member ${name}`, `did you mean ${meant}?`, memberPlace(file, name));
  }
  const inStages = STAGES.some((member) => found[member] !== undefined);
  const required = [...REQUIRED, ...(inStages ? STAGES : (["loss"] as const))];
  const lacking = required.filter((member) => found[member] === undefined);
  if (lacking.length > 0) refuse(`the default export is no objective: it lacks ${lacking.join(", ")}`);
  if (inStages && found.loss !== undefined)
    refuse("has a loss beside represent and contrast", "keep the loss, or the two stages", memberPlace(file, "loss"));
  for (const member of FUNCTIONS)
    if (found[member] !== undefined && typeof found[member] !== "function")
      refuse(`${member}: expected a function`, `write: ${member}(…) { … }`, memberPlace(file, member));
  if (typeof found.name !== "string" || !KEBAB.test(found.name))
    refuse("name: expected a word in kebab-case", 'write: name: "my-objective"', memberPlace(file, "name"));
  if (!isRecord(found.options) || !isRecord(found.options.shape))
    refuse("options: expected a zod object", "write: options: z.object({ … })", memberPlace(file, "options"));
  return found as unknown as Objective;
}

export const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function fail(error: PropriaError): never {
  throw error;
}
