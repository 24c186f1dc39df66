/** Three queries to look at: the greatest gain, the greatest loss, and one between. */
import type { Query } from "@propria/collection";
import { type Qrels, ranked } from "@propria/metrics";
import type { Documents } from "@propria/rankers";
import { DEMO } from "./settings.ts";
import type { Row } from "./table.ts";

const TOP_DOCUMENTS = 3;
const SNIPPET_CHARACTERS = 140;

/** A query and what each system puts first. */
export interface Example {
  /** Why it was chosen. */
  reason: string;
  query: Query;
  relevant: string[];
  answers: { system: string; value: number; documents: ExampleDocument[] }[];
}

/** A document as the report shows it. */
export interface ExampleDocument {
  id: string;
  title: string;
  snippet: string;
  relevant: boolean;
}

/** What the examples are drawn from. */
export interface ExampleSources {
  rows: readonly Row[];
  qrels: Qrels;
  queries: readonly Query[];
  documents: Documents;
}

/** The queries at which two systems differ most either way in the main measure, and the one in the middle; ties by id. */
export function chooseExamples(better: Row, baseline: Row, sources: ExampleSources): Example[] {
  const measure = DEMO.mainMeasure;
  const gain = (queryId: string) =>
    (better.evaluation.perQuery.get(queryId)?.[measure] ?? 0) -
    (baseline.evaluation.perQuery.get(queryId)?.[measure] ?? 0);
  const ordered = [...sources.qrels.keys()]
    .map((queryId) => ({ queryId, gain: gain(queryId) }))
    .sort((a, b) => b.gain - a.gain || (a.queryId < b.queryId ? -1 : 1));
  const [first, last, middle] = [ordered[0], ordered.at(-1), ordered[ordered.length >> 1]];
  const chosen = [
    { of: first, what: "the greatest gain" },
    { of: last, what: "the greatest loss" },
    { of: middle, what: "the median" },
  ];
  return chosen.flatMap(({ of, what }) => {
    const query = sources.queries.find(({ id }) => id === of?.queryId);
    if (of === undefined || query === undefined) return [];
    const signed = `${of.gain < 0 ? "−" : "+"}${Math.abs(of.gain).toFixed(2)}`;
    const reason = `${what} of ${better.system.name} over ${baseline.system.name}: ${signed} ${measure}`;
    return [exampleOf(query, reason, sources)];
  });
}

function exampleOf(query: Query, reason: string, { rows, qrels, documents }: ExampleSources): Example {
  const grades = qrels.get(query.id) ?? new Map<string, number>();
  const relevant = [...grades].filter(([, grade]) => grade > 0).map(([id]) => id);
  const shown = (documentId: string): ExampleDocument => {
    const { title = "", text = "" } = documents.get(documentId) ?? {};
    const snippet = text.slice(0, SNIPPET_CHARACTERS).replace(/\s+/g, " ").trim();
    return { id: documentId, title, snippet, relevant: relevant.includes(documentId) };
  };
  const answers = rows.map(({ system, evaluation }) => ({
    system: system.name,
    value: evaluation.perQuery.get(query.id)?.[DEMO.mainMeasure] ?? 0,
    documents: ranked(system.run.get(query.id) ?? [])
      .slice(0, TOP_DOCUMENTS)
      .map(({ documentId }) => shown(documentId)),
  }));
  return { reason, query, relevant: relevant.map((id) => documents.get(id)?.title || id), answers };
}
