/** A user's own file with an objective or an adapter: how its mistakes are told. */
import { existsSync, readFileSync } from "node:fs";
import { isPropriaError, PropriaError } from "@propria/base";
import { closest, distance } from "fastest-levenshtein";
import { errorPlace, shownPath } from "./error-place.ts";

/** The file, and what it can import from us: the module of each name. */
export interface OwnFile {
  /** What it defines. */
  kind: "objective" | "adapter";
  path: string;
  exported: ReadonlyMap<string, string>;
}

/** Packages of ours whose functions an objective calls. */
export const PACKAGES = [
  "@propria/base",
  "@propria/collection",
  "@propria/tokenizer",
  "@propria/engine",
  "@propria/transformer-core",
  "@propria/adapters",
  "@propria/trainer",
  "@propria/rop-sampler",
  "@propria/objectives",
] as const;

const STACK_FRAMES = 60; // tfjs alone puts a dozen above the line that matters
const LETTERS_AN_EDIT = 4; // of a name, for another to be what was meant

/** Does `work`, which is the user's `member`, called `name` in messages, and tells what it throws as a mistake in it. */
export function withinMember<T>(file: OwnFile, member: string, work: () => T, name = member): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.max(before, STACK_FRAMES);
  try {
    return work();
  } catch (error) {
    throw memberMistake(error, file, member, name);
  } finally {
    Error.stackTraceLimit = before;
  }
}

const CODES = { objective: "OBJECTIVE_MEMBER", adapter: "ADAPTER_MEMBER" } as const;

/** What a member of the user's gives is not what it should. {@link withinMember} adds the place. */
export const unfit = (what: string, mend: string, kind: OwnFile["kind"] = "objective"): PropriaError =>
  new PropriaError(CODES[kind], what, { mend });

/**
 * An error as a mistake in a member of the user's, with the line of the file in which it happened, or on which the member begins. One of ours that no
 * line of the file has to do with stays as it is.
 */
export function memberMistake(error: unknown, file: OwnFile, member: string, name = member): unknown {
  const place = errorPlace(error, file.path);
  const at = place?.at ?? memberPlace(file, member);
  if (isPropriaError(error)) {
    const told = error.at !== undefined || (place === undefined && error.code !== CODES[file.kind]);
    return told ? error : tellAgain(error, `in ${name}`, at);
  }
  if (place === undefined && error instanceof Error) return error; // a bug of ours
  const inside = place?.inside === undefined ? "" : `, inside ${place.inside}`;
  const ours = inside && !UNDECLARED.test(readable(error));
  const mend = ours
    ? `look at what ${place?.inside} is given there; if that is right, this is a bug in propria: report it with the stack`
    : (mendOf(error, file) ?? `docs/write-an-${file.kind}.md says what each member gets and gives`);
  return new PropriaError(CODES[file.kind], `in ${name}${inside}: ${readable(error)}`, { at, mend, cause: error });
}

/** An error of ours with the place in the user's file, its own place behind that. */
export function tellAgain(error: PropriaError, where: string, at: string, mend = error.mend): PropriaError {
  const [start, end] = [error.at ? `${error.at}: ` : "", error.mend ? ` (${error.mend})` : ""];
  const what = error.message.slice(start.length, error.message.length - end.length);
  return new PropriaError(error.code, `${where}: ${start}${what}`, { at, ...(mend && { mend }), cause: error });
}

/** The file, with the line on which `member` begins where that can be seen: the least indented of those that begin so. */
export function memberPlace({ path }: OwnFile, member: string): string {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const starts = [...text.matchAll(new RegExp(`^([ \\t]*)(?:async\\s+)?\\*?\\s*${member}\\s*[(:,]`, "gm"))];
  const [first] = starts.sort((a, b) => a[1]!.length - b[1]!.length);
  return first ? `${shownPath(path)}:${lineAt(text, first.index)}` : shownPath(path);
}

/** The number of the line in which the character at `index` stands, from 1. */
export const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;

/** The message without what compiling made of names: `(0 , _objectives.crop) is not a function`, `_zod.z.number(...)`. */
export function readable(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)} was thrown`;
  return (error.message || error.name).replace(/\(0 ?, _\w+\.(\w+)\)/g, "$1").replace(/\b_\w+\.(?=\w+[.( ])/g, "");
}

/** What to do about it, as far as the message says. */
export function mendOf(error: unknown, { exported }: Pick<OwnFile, "exported">): string | undefined {
  const message = error instanceof Error ? error.message : "";
  const [, undeclared, imported] =
    /^(?:(\w+) is not defined|\(0 ?, _\w+\.(\w+)\) is not a function)/.exec(message) ?? [];
  const name = undeclared ?? imported;
  if (name !== undefined) {
    const specifier = exported.get(name);
    if (specifier !== undefined) return `import { ${name} } from "${specifier}"`;
    const near = closest(name, [...exported.keys()]);
    const edits = Math.max(imported ? 1 : 0, name.length / LETTERS_AN_EDIT);
    if (distance(name, near) <= edits) return `did you mean ${near} of ${exported.get(near)}?`;
    return imported ? "what it is imported from exports no such name" : "define or import it";
  }
  return MENDS.find(([pattern]) => pattern.test(message))?.[1];
}

const UNDECLARED = /^no parameter /;

const MENDS: readonly (readonly [pattern: RegExp, mend: string])[] = [
  [UNDECLARED, "declare it in heads or parameters, under that name"],
  [/ is not a function/, "is it spelt right, and does this member get it?"],
  [/^Cannot read properties of (undefined|null)/, "what should have it is not there, or misspelt"],
  [/^No backend found in registry/, "tensors are for the loss: elsewhere give typed arrays, with their shapes"],
  [/gradient function not found for/, "compose it of operations that have a gradient"],
  [/must be a Tensor|shape|broadcast|rank|dimension/i, "look at the shapes and types of the tensors there"],
];
