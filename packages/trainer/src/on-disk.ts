import { PropriaError } from "@propria/base";

/** For the writers of `@propria/base` below {@link onDisk}, which explains. */
export const UNEXPLAINED = { explain: (error: unknown): unknown => error };

const FULL = ["ENOSPC", "EDQUOT", "EFBIG"];
const CLOSED = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"];

/**
 * Does something to files below `place`.
 *
 * @throws {PropriaError} `DISK_FULL` when there is no space (or a limit is reached), `OUT_NOT_WRITABLE` when nothing can be written there.
 */
export async function onDisk<T>(place: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (FULL.includes(code))
      throw new PropriaError(
        "DISK_FULL",
        `no space left to write (${code}); the checkpoints before this one are whole`,
        {
          at: place,
          mend: "make room, then train with resume",
          cause,
        },
      );
    if (CLOSED.includes(code))
      throw new PropriaError("OUT_NOT_WRITABLE", `cannot be written (${code})`, {
        at: place,
        mend: "give another folder",
        cause,
      });
    throw cause;
  }
}
