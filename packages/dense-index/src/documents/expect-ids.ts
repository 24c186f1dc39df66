import { PropriaError } from "@propria/base";

/**
 * Refuses ids that a run could not hold, whose columns are apart by spaces: before hours of work, not after them.
 *
 * @throws {PropriaError} `ID_SPACE`
 */
export function expectIds(ids: readonly string[]): void {
  const bad = ids.find((id) => typeof id !== "string" || id === "" || /\s/.test(id) || id.startsWith("#"));
  if (bad === undefined) return;
  const what =
    typeof bad !== "string"
      ? "is no string"
      : bad === ""
        ? "is empty"
        : bad.startsWith("#")
          ? "begins with #"
          : "has spaces";
  throw new PropriaError("ID_SPACE", `the id ${JSON.stringify(bad)} ${what}`, {
    mend: "write it as one word, the same in judgments and runs, whose columns are apart by spaces",
  });
}
