/** What `propria list` lists. */
import { factoryForms } from "@propria/dense-index";
import { builtInMeasures } from "@propria/metrics";
import { builtInObjectives, describeOptions, loadObjective } from "@propria/objectives";
import { configNames, namedConfig } from "@propria/transformer-core";
import { table } from "../program/format.ts";

/** A list: its items as data, and the columns that a reader sees. */
interface List {
  items(): Promise<unknown[]>;
  lines(): Promise<string[]>;
}

const FORMATS = [
  ["FOLDER", "BEIR: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv; or JSONL parts of a corpus alone"],
  ["FILE.jsonl", 'a corpus: {"_id", "title", "text"} on each line'],
  ["packages:FOLDER", "a node_modules folder: READMEs are documents, package descriptions are queries"],
  ["qrels", "TREC's four columns, or BEIR's three with a header"],
  ["run", "TREC's six columns"],
  [
    "negatives",
    'JSON lines: {"query_id", "negative_document_ids"}, as propria mine writes them and Tevatron reads them',
  ],
  ["term weights", 'JSON lines: {"id", "contents", "vector": {"word": 7}}, as Anserini\'s JsonVectorCollection'],
] as const;

const INDEXES = [
  ["exact", "every vector is compared: blocks on the tensor backend", "--quantize --candidates"],
  [
    "hnsw",
    "a graph of near neighbours (usearch)",
    "--connectivity --ef-construction --ef-search --precision --candidates",
  ],
  [`faiss:${factoryForms.join("|")}`, "faiss-node, an optional package", "--ef-construction --ef-search --nprobe"],
] as const;

const objectives = async () =>
  Promise.all(builtInObjectives().map(async (name) => ({ name, options: describeOptions(await loadObjective(name)) })));

const configs = () =>
  configNames.map((name) => {
    const { layers, hiddenSize, heads } = namedConfig(name, { vocabSize: 1 });
    return { name, layers, width: hiddenSize, heads };
  });

/** The lists by name. */
export const topics = {
  objectives: {
    items: objectives,
    async lines() {
      return (await objectives()).flatMap(({ name, options }) => [
        name,
        ...table(
          options.map((each) => [
            `  ${each.name}`,
            each.type,
            `= ${JSON.stringify(each.default) ?? "none"}`,
            each.description,
          ]),
          { left: [0, 1, 2, 3] },
        ),
      ]);
    },
  },
  configs: {
    items: async () => configs(),
    lines: async () =>
      table([
        ["name", "layers", "width", "heads"],
        ...configs().map(({ name, layers, width, heads }) => [name, ...[layers, width, heads].map(String)]),
      ]),
  },
  indexes: {
    items: async () => INDEXES.map(([type, about, flags]) => ({ type, about, flags: flags.split(" ") })),
    lines: async () => table(INDEXES, { left: [0, 1, 2] }),
  },
  measures: {
    items: async () => builtInMeasures.map(({ value, ...definition }) => definition),
    lines: async () =>
      table(
        builtInMeasures.map(({ name, aliases = [], cutoff, parameters = {}, description }) => [
          cutoff === "required" ? `${name}@10` : `${name}[@10]`,
          description,
          Object.entries(parameters)
            .map(([key, { default: value }]) => `${key}=${value}`)
            .join(" "),
          aliases.length > 0 ? `also ${aliases.join(", ")}` : "",
        ]),
        { left: [0, 1, 2, 3] },
      ),
  },
  formats: {
    items: async () => FORMATS.map(([name, about]) => ({ name, about })),
    lines: async () => [...table(FORMATS, { left: [0, 1] }), "all of them plain or as .gz"],
  },
} satisfies Record<string, List>;

/** Name of a list. */
export type Topic = keyof typeof topics;

/** The lists as text, each under its title. */
export async function describeLists(chosen: readonly Topic[]): Promise<string[]> {
  const blocks: string[] = [];
  for (const topic of chosen) {
    const lines = await topics[topic].lines();
    blocks.push(...(chosen.length > 1 ? [`${blocks.length > 0 ? "\n" : ""}${topic}:`] : []), ...lines);
  }
  return blocks;
}
