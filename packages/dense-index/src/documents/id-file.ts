/** Ids on disk: a JSON string a line, `null` for a hole, so that any string of JavaScript comes back as it was. */
import { PropriaError } from "@propria/base";
import { readHashed, type StoredFile } from "../storage/files.ts";

/** The file's name. */
export const ID_FILE = "ids.jsonl";

/** Its bytes, a few thousand ids at a time. */
export function* idBytes(ids: readonly (string | undefined)[]): Generator<Uint8Array> {
  for (let start = 0; start < ids.length; start += 4096)
    yield Buffer.from(
      ids
        .slice(start, start + 4096)
        .map((id) => `${JSON.stringify(id ?? null)}\n`)
        .join(""),
    );
}

/** @throws {PropriaError} `DAMAGED` */
export async function readIds(folder: string, expected: StoredFile): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  const take = (text: string): void => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) ids.push((JSON.parse(line) as string | null) ?? undefined);
  };
  try {
    for await (const piece of readHashed(folder, ID_FILE, expected)) take(decoder.decode(piece, { stream: true }));
    take(decoder.decode());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new PropriaError("DAMAGED", "an id is no JSON string", {
      at: `${folder}/${ID_FILE}:${ids.length + 1}`,
      cause,
    });
  }
  return ids;
}
