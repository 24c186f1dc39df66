import { readFile } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { parseDocument } from "yaml";

/**
 * What a file of YAML holds; JSON is read as the part of YAML that it is. An empty file is a mapping of nothing.
 *
 * @throws {PropriaError} `CONFIG_FILE` when it cannot be read, or is neither, with the line.
 */
export async function readYaml(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "ENOENT" ? "there is no such file" : `cannot be read: ${cause.message}`;
    throw new PropriaError("CONFIG_FILE", what, { at: path, cause });
  });
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error === undefined) return document.toJS() ?? {};
  const line = error.linePos?.[0].line;
  throw new PropriaError(
    "CONFIG_FILE",
    `is neither JSON nor YAML: ${error.message.split("\n")[0]?.replace(/ at line \d+.*$/, "")}`,
    { at: line === undefined ? path : `${path}:${line}`, cause: error },
  );
}
