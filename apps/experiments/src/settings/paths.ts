/** Where the data of scale `full` lies: a file of paths, in YAML or JSON. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isPropriaError, PropriaError } from "@propria/base";
import { openCollection, openCorpus } from "@propria/collection";
import { nearestName } from "@propria/metrics";
import { readConfig } from "@propria/transformer-core";
import { parse } from "yaml";
import { FOLDS } from "../steps/cross-validate.ts";
import { givenRunFile } from "../steps/given-run.ts";

/** A thing that a path leads to. */
interface Wanted {
  kind: "collection" | "corpus" | "model" | "rankings";
  /** Splits that a collection must have. */
  splits?: readonly string[];
  /** Runs that a folder of rankings must hold, `NAME.trec.gz` or `NAME.trec`; and folds, `folds.json`. */
  runs?: readonly string[];
  folds?: boolean;
  what: string;
}

/** What a file of paths may name, and what each must hold. */
export const FULL_PATHS: Readonly<Record<string, Wanted>> = {
  bert: { kind: "model", what: "bert-base-uncased in the Hugging Face layout" },
  "wikipedia-en": { kind: "corpus", what: "English Wikipedia, JSON lines" },
  "msmarco-passage": { kind: "collection", splits: ["train", "dev"], what: "MS MARCO passage in BEIR layout" },
  "trec-dl-2019-passage": { kind: "collection", splits: ["test"], what: "TREC DL 2019 passage in BEIR layout" },
  "msmarco-passage-rankings": {
    ...{ kind: "rankings", runs: ["train", "rerank"] },
    what: "runs of MS MARCO passage: BM25's of train, the official 1,000 of dev",
  },
  "trec-dl-2019-passage-rankings": {
    kind: "rankings",
    runs: ["rerank"],
    what: "the official run of TREC DL 2019 passage",
  },
  "msmarco-document": { kind: "collection", splits: ["train", "dev"], what: "MS MARCO document in BEIR layout" },
  "trec-dl-2019-document": { kind: "collection", splits: ["test"], what: "TREC DL 2019 document in BEIR layout" },
  "msmarco-document-rankings": {
    ...{ kind: "rankings", runs: ["train", "rerank", "fullrank", "bm25", "ql"] },
    what: "runs of MS MARCO document: the official 100 of train and dev, BM25's 100 over expanded documents, BM25, QL",
  },
  "trec-dl-2019-document-rankings": {
    ...{ kind: "rankings", runs: ["rerank", "fullrank", "bm25", "ql"] },
    what: "runs of TREC DL 2019 document, likewise",
  },
  ...Object.fromEntries(
    Object.entries({
      ...{ robust04: "Robust04", "clueweb09-b": "ClueWeb09-B", gov2: "Gov2", mq2007: "MQ2007", mq2008: "MQ2008" },
    }).flatMap(([name, title]): [string, Wanted][] => [
      [name, { kind: "collection", splits: ["test"], what: `${title} in BEIR layout; candidates' documents suffice` }],
      [`${name}-rankings`, { kind: "rankings", runs: ["bm25", "ql"], folds: true, what: `runs and folds of ${title}` }],
    ]),
  ),
};

/** What was found at one of the paths. */
export interface PathCheck {
  name: string;
  what: string;
  path: string | undefined;
  ok: boolean;
  /** One line: what is wrong, or nothing. */
  problem?: string;
}

/**
 * Reads a file of paths; relative ones are taken from the file's folder.
 *
 * @throws {PropriaError} `PATHS_FILE` when it is not there or no mapping; `PATHS_NAME` for a name that means nothing.
 */
export async function readPaths(configFile: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(configFile, "utf8").catch((cause: unknown) => {
    throw new PropriaError("PATHS_FILE", "there is no such file", {
      at: configFile,
      mend: `write one with ${Object.keys(FULL_PATHS).join(", ")}, each with a path`,
      cause,
    });
  });
  const paths = mapping(text, configFile);
  for (const [name, path] of Object.entries(paths)) {
    if (!Object.hasOwn(FULL_PATHS, name)) throw unknownName(name, configFile);
    if (typeof path !== "string")
      throw new PropriaError("PATHS_FILE", `the path of ${name} is no text`, {
        at: configFile,
        mend: `write ${name}: FOLDER`,
      });
  }
  const from = dirname(resolve(configFile));
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, resolve(from, path as string)]));
}

/** Looks at each path of a file: is it there, does it open, has it the splits? Nothing is read to the end. */
export async function checkPaths(configFile: string): Promise<PathCheck[]> {
  const paths = await readPaths(configFile);
  const checks: PathCheck[] = [];
  for (const [name, wanted] of Object.entries(FULL_PATHS)) {
    const path = paths[name];
    const problem = path === undefined ? `no path in ${configFile}` : await problemAt(path, wanted);
    checks.push({
      name,
      what: wanted.what,
      path,
      ok: problem === undefined,
      ...(problem !== undefined && { problem }),
    });
  }
  return checks;
}

async function problemAt(path: string, wanted: Wanted): Promise<string | undefined> {
  const { kind, splits = [] } = wanted;
  if (!existsSync(path)) return "there is no such file or folder";
  if (kind === "rankings") return missingIn(path, wanted);
  try {
    if (kind === "model") await readConfig(path);
    else if (kind === "corpus") await openCorpus(path);
    else {
      const there = await (await openCollection(path)).splits();
      const missing = splits.filter((split) => !there.includes(split));
      if (missing.length > 0) return `has no split ${missing.join(", ")}`;
    }
    return undefined;
  } catch (error) {
    if (isPropriaError(error)) return error.message;
    throw error;
  }
}

function missingIn(folder: string, { runs = [], folds }: Wanted): string | undefined {
  const missing = runs.filter((name) => givenRunFile(folder, name) === undefined).map((name) => `${name}.trec.gz`);
  if (folds && !existsSync(join(folder, FOLDS))) missing.push(FOLDS);
  return missing.length > 0 ? `has no ${missing.join(", ")}` : undefined;
}

function mapping(text: string, at: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new PropriaError("PATHS_FILE", "is neither YAML nor JSON", { at, cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PropriaError("PATHS_FILE", "expected names with paths", { at, mend: "write: bert: FOLDER" });
  return value as Record<string, unknown>;
}

function unknownName(name: string, at: string): PropriaError {
  const names = Object.keys(FULL_PATHS);
  const near = nearestName(name, names);
  return new PropriaError("PATHS_NAME", `no data is called ${JSON.stringify(name)}`, {
    at,
    mend: near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`,
  });
}
