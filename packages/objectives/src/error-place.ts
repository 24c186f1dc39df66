/** Where in a user's own file an error comes from, read from its stack. */
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of a user's file. */
export interface ErrorPlace {
  /** `mine.ts:28` */
  at: string;
  /** What that line calls, where the error arose in code of ours below it; `undefined` where the file or a library threw it. */
  inside: string | undefined;
}

/** `    at Object.loss (/home/me/mine.ts:28:15)`, `    at async file:///home/me/mine.mjs:3:1` */
const FRAME = /^\s+at (?:(.*?) \()?(?:async )?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).*):(\d+):\d+\)?$/;

/** The functions of ours that call a user's member: what stands below them in a stack has called the training. */
const GUARD = /^(?:async )?(?:\w+\.)?withinMember(?:\w*)$/;

/**
 * The topmost line of an error's stack that stands in `file`, or in a file that it imports. Libraries (tfjs, zod) above it do not count:
 * what they throw is about what they were given. Frames of ours do.
 */
export function errorPlace(error: unknown, file: string): ErrorPlace | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  let [ours, called] = [false, ""]; // whether one of ours stands above, and what stands just above
  for (const line of error.stack.split("\n")) {
    const [, name = "", where, number] = FRAME.exec(line) ?? [];
    if (where === undefined) continue;
    if (GUARD.test(name)) return undefined;
    const path = where.startsWith("file:") ? fileURLToPath(where) : where;
    if (path === file || isUsers(path))
      return { at: `${shownPath(path)}:${number}`, inside: ours ? called || "propria" : undefined };
    ours ||= isOurs(path);
    called = name
      .split(" ")[0]!
      .split(".")
      .at(-1)!
      .replace(/_?_op$/, "");
  }
  return undefined;
}

/** A path as messages show it: from the working directory where it lies below. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}

const isUsers = (path: string): boolean => !isOurs(path) && !path.split(sep).includes("node_modules");

const isOurs = (path: string): boolean => path.startsWith(packages()) || path.includes(`${sep}@propria${sep}`);

/** The folder that holds our packages, this one among them. */
const packages = (): string =>
  join(dirname(createRequire(import.meta.url).resolve("@propria/objectives/package.json")), "..", sep);
