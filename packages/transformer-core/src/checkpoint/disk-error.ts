import { isPropriaError, PropriaError } from "@propria/base";

/** What the operating system says of a failed write, as an error with a mend; any other error as it is. */
export function diskError(cause: unknown, path: string): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (isPropriaError(cause) || typeof code !== "string") return cause;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new PropriaError("DISK", "no space left on the disk", {
      at: path,
      mend: "free some, or write elsewhere",
      cause,
    });
  return new PropriaError("DISK", `cannot be written: ${message}`, { at: path, cause });
}
