import { existsSync } from "node:fs";
import { PropriaError } from "@propria/base";

/** @throws {PropriaError} `OUTPUT_EXISTS` when there is something at the place where a command shall write. */
export function mustBeNew(path: string): void {
  if (existsSync(path))
    throw new PropriaError("OUTPUT_EXISTS", "exists already", {
      at: path,
      mend: "name another --out, or remove it first",
    });
}
