/** What stands at a path where something else was expected: told by the files that one kind alone has. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError } from "@propria/base";

type Kind =
  | "nothing"
  | "file"
  | "empty"
  | "index"
  | "vectors"
  | "model"
  | "training"
  | "vocabulary"
  | "collection"
  | "other";

const IS: Readonly<Record<Kind, string>> = {
  nothing: "there is no such folder",
  file: "is a file",
  empty: "is an empty folder",
  index: "is an index",
  vectors: "is a folder of vectors",
  model: "is the folder of a model",
  training: "is the folder of an unfinished training",
  vocabulary: "is the folder of a vocabulary",
  collection: "is a collection",
  other: "is a folder of something else",
};

const FORMATS: Readonly<Record<string, Kind>> = { "propria-index": "index", "propria-vectors": "vectors" };

/** Files that tell a kind, the strongest first. */
const TOLD_BY: readonly [Kind, RegExp][] = [
  ["model", /^(propria|config)\.json$|^model\.safetensors$/],
  ["training", /^training\.json$/],
  ["vocabulary", /^vocab\.txt$/],
  ["collection", /^corpus\.jsonl(\.gz)?$/],
];

/** @throws {PropriaError} `NOT_AN_INDEX`, saying what the folder is and which command makes an index. */
export async function mustBeIndex(path: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === "index") return;
  const from: Partial<Record<Kind, string>> = {
    vectors: `--vectors ${path}`,
    model: `--model ${path} --corpus PATH`,
    collection: `--model DIR --corpus ${path}`,
  };
  const made = `an index is made by propria index ${from[kind] ?? "--model DIR --corpus PATH"} --out DIR`;
  const mend = kind === "collection" ? `${made}; by words it is searched with --bm25 --collection ${path}` : made;
  throw new PropriaError("NOT_AN_INDEX", `${IS[kind]}${kind === "nothing" ? "" : ", no index"}`, { at: path, mend });
}

/** @throws {PropriaError} `NOT_VECTORS`, saying what the folder is and which command writes vectors. */
export async function mustBeVectors(path: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === "vectors") return;
  const mend = {
    index: `propria search --index ${path} takes it as it is`,
    model: `with a model: propria index --model ${path} --corpus PATH --out DIR`,
  }[kind as string];
  throw new PropriaError("NOT_VECTORS", `${IS[kind]}${kind === "nothing" ? "" : ", no folder of vectors"}`, {
    at: path,
    mend: mend ?? "vectors are written by propria encode --model DIR --corpus PATH --out DIR",
  });
}

async function kindOf(path: string): Promise<Kind> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "nothing" as const;
    if (error.code === "ENOTDIR") return "file" as const;
    throw error;
  });
  if (typeof names === "string") return names;
  if (names.length === 0) return "empty";
  if (names.includes("manifest.json")) return (await formatOf(join(path, "manifest.json"))) ?? "other";
  return TOLD_BY.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0] ?? "other";
}

/** By the manifest's `format`; a damaged one is left to whoever opens the folder, who says so. */
async function formatOf(manifest: string): Promise<Kind | undefined> {
  const [, format = ""] = /"format":\s*"([\w-]+)"/.exec(await readFile(manifest, "utf8")) ?? [];
  return FORMATS[format];
}
