import { PropriaError } from "../errors.ts";

/**
 * The `PropriaError` for a failure of the surroundings: `DISK_FULL`, `NOT_FOUND` or `NO_PERMISSION`, with
 * the system's error as its cause. Any other error comes back as it is.
 */
export function surroundingsError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new PropriaError("DISK_FULL", "no space left on the disk", {
        at: path,
        mend: "free some space and start again; nothing half-written is left",
        cause: error,
      });
    case "EFBIG":
      return new PropriaError("DISK_FULL", "larger than a file may be", {
        at: path,
        mend: "raise the limit (ulimit -f), or write to another disk",
        cause: error,
      });
    case "ENOENT":
    case "ENOTDIR":
      return new PropriaError("NOT_FOUND", "no such file or folder", { at: path, cause: error });
    case "EISDIR":
      return new PropriaError("NOT_FOUND", "a folder where a file is expected", { at: path, cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new PropriaError("NO_PERMISSION", "no permission", { at: path, cause: error });
    default:
      return error;
  }
}
