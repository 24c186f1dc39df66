/**
 * Installed npm packages as a collection that every machine has: a document is a package's README as plain text, titled with its name;
 * a query is the `description` of its package.json, and its own README the relevant document.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Qrels } from "@propria/metrics";
import type { Collection } from "../collection.ts";
import type { Document } from "../document.ts";
import { unknownSplit } from "../formats/beir.ts";
import { cutSentence } from "./cut-sentence.ts";
import { type InstalledPackage, installedPackages } from "./installed-packages.ts";

const FEWEST_WORDS = 30; // of a README without its description; below stand only a heading and a command
const TEST_SHARE = 0.3; // of the packages, by hash of the name
const SPLITS = ["test", "train"] as const;

/**
 * Opens `packages:FOLDER`, a `node_modules` folder.
 *
 * Sentences of a README that equal the description are cut from it. Near-empty READMEs (under 30 words) and those that repeat
 * another's text are left out, with their queries. The split is by hash of the package name alone, so that a package stays in
 * its split whatever else is installed. Ids are package names; the order is theirs.
 *
 * @throws {PropriaError} `NOT_FOUND` when there is no such folder.
 */
export async function openPackages(folder: string): Promise<Collection> {
  const { packages, unreadable } = await installedPackages(folder);
  return {
    name: "packages",
    async *documents() {
      for await (const { document } of readmes(packages)) yield document;
    },
    async *queries() {
      for await (const { document, description } of readmes(packages))
        if (description !== "") yield { id: document.id, text: description };
    },
    splits: async () => [...SPLITS],
    async qrels(split) {
      if (!(SPLITS as readonly string[]).includes(split)) throw unknownSplit(folder, split, SPLITS);
      const qrels: Qrels = new Map();
      for await (const { document, description } of readmes(packages))
        if (description !== "" && splitOf(document.id) === split) qrels.set(document.id, new Map([[document.id, 1]]));
      return qrels;
    },
    async omitted() {
      const counts = { unreadable, withoutReadme: 0, nearEmpty: 0, duplicate: 0 };
      for await (const _ of readmes(packages, (reason) => counts[reason]++));
      return counts;
    },
  };
}

/** The split of a package, a function of its name alone. */
export function splitOf(name: string): (typeof SPLITS)[number] {
  const share = createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;
  return share < TEST_SHARE ? "test" : "train";
}

type Reason = "unreadable" | "withoutReadme" | "nearEmpty" | "duplicate";

/** The documents, with their packages' descriptions; reads one README at a time and remembers a hash of each. */
async function* readmes(
  packages: readonly InstalledPackage[],
  leaveOut: (reason: Reason) => void = () => undefined,
): AsyncGenerator<{ document: Document; description: string }> {
  const { plainText } = await import("./plain-text.ts"); // readers of HTML, which no other collection needs
  const seen = new Set<string>();
  for (const { name, folder, description: markdown } of packages) {
    const readme = await readReadme(folder);
    if (readme === "unreadable" || readme === "withoutReadme") {
      leaveOut(readme);
      continue;
    }
    const description = plainText(markdown).replace(/\s+/g, " ");
    const text = tidy(cutSentence(plainText(readme.text), description));
    const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
    const hash = createHash("sha256").update(words.join(" ").toLowerCase()).digest("base64");
    if (words.length < FEWEST_WORDS) leaveOut("nearEmpty");
    else if (seen.has(hash)) leaveOut("duplicate");
    else yield { document: { id: name, title: name, text }, description };
    seen.add(hash);
  }
}

/** Blank lines that a cut sentence leaves. */
const tidy = (text: string): string => text.replace(/\n{3,}/g, "\n\n").trim();

async function readReadme(folder: string): Promise<{ text: string } | "unreadable" | "withoutReadme"> {
  try {
    const names = (await readdir(folder)).filter((name) => /^readme(\.(md|markdown|txt))?$/i.test(name)).sort();
    const name = names.find((each) => each.toLowerCase() === "readme.md") ?? names[0];
    return name === undefined ? "withoutReadme" : { text: await readFile(join(folder, name), "utf8") };
  } catch {
    return "unreadable"; // counted by the caller
  }
}
