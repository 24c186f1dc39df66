/** A query and its judged documents under a model: the picture, and the numbers that say what the picture cannot. */
import { seeded } from "@propria/base";
import { type Collection, documentText, openCollection, type Query, queriesOf } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { type BiEncoder, meanNeighbourhood, type Neighbourhood, neighbourhood } from "@propria/rankers";
import { UMAP } from "umap-js";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type EncodingSettings, withBiEncoder } from "./vectors.ts";

/** Two-dimensional places, and how near a model brings queries and what is relevant to them. */
export type EmbeddingMap = {
  /** The query of the picture. */
  queryId: string;
  /** x, y and grade; the first is the query, of grade −1. Distances between far places mean nothing. */
  points: [number, number, number][];
  /** Of the query of the picture. */
  ofQuery: Companions;
  /** The mean over all queries with judged documents of both kinds. */
  ofAll: Companions & { queries: number };
  /** Of each such query, in the order of their ids. */
  perQuery: { relevantSimilarity: number[]; margin: number[]; auc: number[] };
};

type Companions = { relevantSimilarity: number; nonRelevantSimilarity: number; margin: number; auc: number };

/** How the picture is made. */
export interface MapSettings {
  split: string;
  /** Default: the query with the most judged documents among those with two relevant ones and two others. */
  queryId?: string;
  encoding: EncodingSettings;
  seed: number;
}

/** Embeds the judged documents of a split's queries. */
export const embeddingMapStep = (
  label: string,
  model: FolderStep,
  collection: FolderStep,
  { encoding, ...settings }: MapSettings,
): Step<EmbeddingMap> =>
  defineStep({
    name: `embedding map, ${label}`,
    kind: "embedding-map",
    version: 1,
    settings: { ...settings, encoding: { ...encoding } },
    inputs: { model, collection },
    run: (context) =>
      withBiEncoder(context, model, encoding, async (encoder) => {
        const { split, seed } = settings;
        const opened = await openCollection(pathOf(context, collection));
        const qrels = ofBothKinds(await opened.qrels(split));
        const texts = await judgedTexts(opened, qrels);
        const queries = (await queriesOf(opened, split)).filter(({ id }) => qrels.has(id));
        queries.sort((a, b) => (a.id < b.id ? -1 : 1));
        const pictured = settings.queryId ?? mostJudged(qrels);

        const all: Neighbourhood[] = [];
        let picture: Pick<EmbeddingMap, "points" | "ofQuery"> | undefined;
        for (const query of queries) {
          context.stopIfAsked();
          const placed = await embedded(query, qrels.get(query.id)!, texts, encoder);
          const numbers = neighbourhood(placed, "cosine");
          all.push(numbers);
          if (query.id === pictured) picture = { points: places(placed, seed), ofQuery: companions(numbers) };
          context.onProgress({ done: all.length, total: queries.length, unit: "queries" });
        }
        if (!picture) throw new Error(`query ${pictured} has no judged documents of both kinds`);
        const of = (field: "relevantSimilarity" | "margin" | "auc") => all.map((each) => rounded(each[field]!));
        return {
          queryId: pictured,
          ...picture,
          ofAll: { ...companions(meanNeighbourhood(all)), queries: all.length },
          perQuery: { relevantSimilarity: of("relevantSimilarity"), margin: of("margin"), auc: of("auc") },
        };
      }),
  });

/** Queries with at least one relevant and one other judged document. */
function ofBothKinds(qrels: Qrels): Qrels {
  const both = [...qrels].filter(([, judged]) => {
    const relevant = [...judged.values()].filter((grade) => grade > 0).length;
    return relevant > 0 && relevant < judged.size;
  });
  return new Map(both);
}

function mostJudged(qrels: Qrels): string {
  const counted = [...qrels].map(([id, judged]) => {
    const relevant = [...judged.values()].filter((grade) => grade > 0).length;
    return { id, judged: judged.size, enough: relevant >= 2 && judged.size - relevant >= 2 };
  });
  const order = (a: (typeof counted)[number], b: (typeof counted)[number]) =>
    Number(b.enough) - Number(a.enough) || b.judged - a.judged || (a.id < b.id ? -1 : 1);
  return counted.sort(order)[0]!.id;
}

async function judgedTexts(collection: Collection, qrels: Qrels): Promise<Map<string, string>> {
  const wanted = new Set([...qrels.values()].flatMap((judged) => [...judged.keys()]));
  const texts = new Map<string, string>();
  for await (const document of collection.documents())
    if (wanted.has(document.id)) texts.set(document.id, documentText(document));
  return texts;
}

interface Embedded {
  query: Float32Array;
  documents: Float32Array;
  grades: number[];
}

async function embedded(
  { text }: Query,
  judged: ReadonlyMap<string, number>,
  texts: ReadonlyMap<string, string>,
  encoder: BiEncoder,
): Promise<Embedded> {
  const known = [...judged].filter(([id]) => texts.has(id));
  return {
    query: await encoder.encodeQueries([text]),
    documents: await encoder.encodeDocuments(known.map(([id]) => texts.get(id)!)),
    grades: known.map(([, grade]) => grade),
  };
}

const MOST_NEIGHBOURS = 15; // umap's own default

/** UMAP on cosine distances, the same for the same seed. */
export function places({ query, documents, grades }: Embedded, seed: number): [number, number, number][] {
  const width = query.length;
  const rows = [query, ...grades.map((_, i) => documents.subarray(i * width, (i + 1) * width))].map((row) => [...row]);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(MOST_NEIGHBOURS, rows.length - 1),
    random: seeded(seed, "embedding map"),
    distanceFn: cosineDistance,
  });
  return umap.fit(rows).map(([x, y], i) => [rounded(x!), rounded(y!), i === 0 ? -1 : grades[i - 1]!]);
}

function cosineDistance(a: number[], b: number[]): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return aa === 0 || bb === 0 ? 1 : 1 - dot / Math.sqrt(aa * bb);
}

const companions = (numbers: Neighbourhood): Companions => ({
  relevantSimilarity: rounded(numbers.relevantSimilarity!),
  nonRelevantSimilarity: rounded(numbers.nonRelevantSimilarity!),
  margin: rounded(numbers.margin!),
  auc: rounded(numbers.auc!),
});

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
