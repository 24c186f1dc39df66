export type StopWordListName = "lucene" | "english";

/** The stop words of a named list. */
export function stopWordList(_name: StopWordListName): ReadonlySet<string> {
  throw new Error("not built yet");
}

/** A user's list: a file with one word a line; `#` starts a comment. */
export async function readStopWords(_path: string): Promise<ReadonlySet<string>> {
  throw new Error("not built yet");
}
