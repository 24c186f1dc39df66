/** From an error to the one line that a user reads and the exit status. */
import { isPropriaError } from "@propria/base";

/** Exit status after bad input or surroundings that fail. */
export const EXIT_BAD_INPUT = 2;
/** Exit status after a bug of ours. */
export const EXIT_BUG = 1;
/** Exit status after Ctrl-C: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** What to tell, and with which status to leave. */
export interface Failure {
  line: string;
  status: number;
}

/** System errors whose cause the user can see and mend. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk (free some, then run the same command again)",
  EDQUOT: "the disk quota is used up (free some space, then run the same command again)",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "is a folder; a file was expected",
  EMFILE: "too many open files",
};

/** What an error means to the user. */
export function failureOf(error: unknown): Failure {
  if (isPropriaError(error)) {
    if (error.code !== "INTERRUPTED") return { line: error.message, status: EXIT_BAD_INPUT };
    return { line: error.message.replace(` (${error.mend})`, ""), status: EXIT_INTERRUPTED }; // the program has --resume auto
  }
  const system = systemFailure(error);
  if (system !== undefined) return { line: system, status: EXIT_BAD_INPUT };
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    line: `this is a bug in propria: ${oneLine(what)} (run it again with --debug for the stack, and report it)`,
    status: EXIT_BUG,
  };
}

/** The stacks of an error and of the errors below it. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const below = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return (error.stack ?? error.message) + below;
}

function systemFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  const meaning = SYSTEM_ERRORS[String(error.code)];
  if (meaning === undefined) return undefined;
  return "path" in error && typeof error.path === "string" ? `${error.path}: ${meaning}` : meaning;
}

const oneLine = (what: string): string => what.replace(/\s*\n\s*/g, " ");
