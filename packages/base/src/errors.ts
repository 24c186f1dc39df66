const marker = Symbol.for("propria.error");

/** What else is known of a mistake: where it stands, how to mend it, and the error below it. */
export interface Circumstances {
  /** Where in the user's input: `dev.qrels:42`, `options.cropTokens`, `--measures`. */
  at?: string;
  /** What the user should write or do instead. */
  mend?: string;
  cause?: unknown;
}

/**
 * A mistake the user can mend, or surroundings that fail (a full disk, a missing library).
 * The message is one line: where, what, and how to mend it. Our own bugs are plain `Error`s.
 *
 * @example
 * new PropriaError("QRELS_LINE", "expected 4 fields, found 3", { at: "dev.qrels:42", mend: "write: query 0 document grade" }).message;
 * // dev.qrels:42: expected 4 fields, found 3 (write: query 0 document grade)
 */
export class PropriaError extends Error {
  override readonly name = "PropriaError";
  readonly [marker] = true;
  /** SCREAMING_SNAKE_CASE; each package lists its codes in its README. */
  readonly code: string;
  readonly at: string | undefined;
  readonly mend: string | undefined;

  constructor(code: string, what: string, { at, mend, cause }: Circumstances = {}) {
    const line = [at && `${at}:`, what, mend && `(${mend})`].filter(Boolean).join(" ");
    super(line.replace(/\s*\n\s*/g, " "), cause === undefined ? undefined : { cause });
    this.code = code;
    this.at = at;
    this.mend = mend;
  }
}

/** True for a `PropriaError` of any loaded copy: two versions of a package, or its ESM and CommonJS builds, have two classes. */
export const isPropriaError = (error: unknown): error is PropriaError =>
  typeof error === "object" && error !== null && marker in error;
