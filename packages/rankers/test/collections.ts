/** Collections in memory. */
import { seeded } from "@propria/base";
import type { Document, Query } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import type { TrainingCollection } from "../src/training-documents.ts";

/** What is in one. */
export interface Contents {
  documents: Document[];
  queries: Query[];
  qrels: Qrels;
}

/** A collection of one split. */
export const collectionOf = (name: string, { documents, queries, qrels }: Contents): TrainingCollection => ({
  name,
  documents: () => stream(documents),
  queries: () => stream(queries),
  qrels: async () => qrels,
});

async function* stream<T>(items: readonly T[]) {
  yield* items;
}

/** Words of the tiny models, each of them what some documents are about. */
export const topics = ["oil", "pump", "wing", "skin", "fuel", "river", "bridge", "stone"];

/** Eight topics, six documents each; a query asks for a topic, and relevant are the three of its documents that speak of water. */
export function topicContents(): Contents {
  const random = seeded(4, "collection");
  const filler = () => ["cold", "light", "wind", "tank"][random.int(4)]!;
  return {
    documents: topics.flatMap((topic) =>
      Array.from({ length: 6 }, (_, i) => {
        const text = `${filler()} ${topic} ${i < 3 ? "water" : "sand"} ${filler()}`;
        return { id: `${topic}-${i}`, title: "", text };
      }),
    ),
    queries: topics.map((topic) => ({ id: `q-${topic}`, text: `what is ${topic}?` })),
    qrels: new Map(topics.map((topic) => [`q-${topic}`, new Map([0, 1, 2].map((i) => [`${topic}-${i}`, 1]))])),
  };
}

/** A collection of them, but for what is given. */
export const topicCollection = (changes: Partial<Contents> = {}): TrainingCollection =>
  collectionOf("topics", { ...topicContents(), ...changes });
