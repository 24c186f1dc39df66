import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { PropriaError } from "@propria/base";

/**
 * Looks before hours of work whether their outcome can be written.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when there is something at the place where a command shall write; `OUTPUT_PLACE` when a
 *   part of its path is no folder.
 * @throws {NodeJS.ErrnoException} `EACCES` or `EROFS` when nothing may be written there.
 */
export function mustBeNew(path: string): void {
  if (existsSync(path))
    throw new PropriaError("OUTPUT_EXISTS", "exists already", {
      at: path,
      mend: "name another --out, or remove it first",
    });
  let above = dirname(resolve(path));
  while (!existsSync(above)) above = dirname(above);
  if (!statSync(above).isDirectory())
    throw new PropriaError("OUTPUT_PLACE", `${above} is no folder`, { at: path, mend: "name another --out" });
  accessSync(above, constants.W_OK | constants.X_OK);
}
