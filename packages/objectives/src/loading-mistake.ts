import { existsSync, readFileSync } from "node:fs";
import { isPropriaError, PropriaError } from "@propria/base";
import { closest, distance } from "fastest-levenshtein";
import { errorPlace, shownPath } from "./error-place.ts";
import { lineAt, mendOf, type OwnFile, PACKAGES, readable } from "./own-file.ts";

const NEAR = 3; // edits between a package's name and what was meant

/** Why a user's file, or one that it imports, does not load: with file, line and mend. */
export function loadingMistake(cause: unknown, file: OwnFile, code: string): PropriaError {
  const { what, at, mend } = unparsed(cause) ?? notFound(cause, file) ?? thrown(cause, file);
  return new PropriaError(isPropriaError(cause) ? cause.code : code, what, { at, mend, cause });
}

interface Mistake {
  what: string;
  at: string;
  mend: string;
}

/** `ParseError: Unexpected token, expected "," \n /home/me/mine.ts:14:33` */
function unparsed(cause: unknown): Mistake | undefined {
  const [, what, path, line, column] =
    /^(?:ParseError|SyntaxError): ([^\n]*?)\s*\n?\s*(\S[^\n]*):(\d+):(\d+)/.exec(messageOf(cause)) ?? [];
  if (what === undefined) return undefined;
  return {
    what: `does not load: ${what}, at column ${Number(column) + 1}`,
    at: `${shownPath(path!)}:${line}`,
    mend: "an editor that knows TypeScript shows what is amiss there, or just before",
  };
}

/** `Cannot find module './absent.ts'\nRequire stack:\n- /home/me/mine.ts` */
function notFound(cause: unknown, file: OwnFile): Mistake | undefined {
  const [, name, importer = file.path] =
    /^Cannot find (?:module|package) '([^']+)'(?:[\s\S]*Require stack:\n- ([^\n]+))?/.exec(messageOf(cause)) ?? [];
  if (name === undefined) return undefined;
  const text = existsSync(importer) ? readFileSync(importer, "utf8") : "";
  const index = text.search(new RegExp(`["']${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}["']`));
  const near = closest(name, PACKAGES);
  return {
    what: `does not load: there is no module ${JSON.stringify(name)}`,
    at: shownPath(importer) + (index < 0 ? "" : `:${lineAt(text, index)}`),
    mend: /^[./]/.test(name)
      ? "the path begins at the folder of this file"
      : distance(name, near) <= NEAR
        ? `did you mean ${near}?`
        : "what is not ours has to be installed beside the file",
  };
}

/** The file's own code throws while it is loaded. */
function thrown(cause: unknown, file: OwnFile): Mistake {
  const what = readable(cause);
  const at = errorPlace(cause, file.path)?.at ?? shownPath(file.path);
  return {
    what: `does not load: ${what}`,
    at,
    mend: mendOf(cause, file) ?? "it is run once, to be loaded: see what it does outside the objective",
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
