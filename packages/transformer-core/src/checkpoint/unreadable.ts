import { type Circumstances, PropriaError } from "@propria/base";

/** The error for a file of a model folder that cannot be read: one that is absent tells what such a folder holds. */
export function unreadable(code: string, path: string, cause: NodeJS.ErrnoException): PropriaError {
  const absent = cause.code === "ENOENT" || cause.code === "ENOTDIR";
  const why: Circumstances = absent ? { mend: "a model folder holds config.json and model.safetensors" } : {};
  return new PropriaError(code, absent ? "there is no such file" : `cannot be read: ${cause.message}`, {
    at: path,
    cause,
    ...why,
  });
}
