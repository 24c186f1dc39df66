/** The main job in one piece: raw text → vocabulary → pre-training → fine-tuning → search → re-ranking → a table. */
import { join } from "node:path";
import { writeFileAtomically } from "@propria/base";
import { type Collection, openCollection, queriesOf, writeBeir, writeRun } from "@propria/collection";
import { analyzer } from "@propria/tokenizer";
import { kebab } from "../flags/flag.ts";
import { indexCorpus } from "../steps/index-corpus.ts";
import { withStoredDocuments } from "../steps/stored-documents.ts";
import { lineChart, lossLines } from "./charts.ts";
import { chooseExamples } from "./examples.ts";
import { splitQrels, withQrels } from "./held-out.ts";
import { crossEncoderSystem, lexicalRun, type System } from "./ranking.ts";
import { reportHtml } from "./report.ts";
import { DEMO, describeSettings } from "./settings.ts";
import { type Row, rowsOf } from "./table.ts";
import { type Timings, timings } from "./timings.ts";
import {
  demoFinetuning,
  demoPretraining,
  demoVocabulary,
  type TrainedModel,
  type TrainingContext,
} from "./training.ts";

/** What the demo needs beside its sizes. */
export interface DemoContext extends TrainingContext {
  /** What `openCollection` opens; has the splits train and test. */
  collection: string;
}

/** What comes of it. */
export interface DemoResult {
  rows: Row[];
  /** The HTML file. */
  report: string;
}

/** Runs the demo in a folder that is there and empty. */
export async function runDemo(context: DemoContext): Promise<DemoResult> {
  const { out, seed } = context;
  const clock = timings(() => performance.now());
  const original = await openCollection(context.collection);
  const collection = await clock.time("copying the collection", () => copied(original, join(out, "collection")));
  const { learnt, heldOut } = splitQrels(await collection.qrels("train"), DEMO.heldOutShare, seed);
  const models = await trainModels(withQrels(collection, "train", learnt), context, clock);

  const index = await indexCorpus(collection, analyzer(), context.progress);
  const testQrels = await collection.qrels("test");
  const testQueries = await queriesOf(collection, "test");
  const heldOutQueries = await queriesOf(withQrels(collection, "train", heldOut), "train");
  const first = {
    heldOut: await lexicalRun("bm25", index, heldOutQueries),
    test: await lexicalRun("bm25", index, testQueries),
  };
  const ql: System = { name: "QL", run: await lexicalRun("ql", index, testQueries) };
  const bm25: System = { name: "BM25", run: first.test };

  return withStoredDocuments(collection, { out: join(out, "store"), progress: context.progress }, async (documents) => {
    const reranking = {
      queries: [...heldOutQueries, ...testQueries],
      documents,
      heldOutQrels: heldOut,
      first,
      threads: context.threads,
      progress: context.progress,
    };
    const over = (name: string, model: TrainedModel) =>
      clock.time(`re-ranking: ${name}`, () => crossEncoderSystem(`BM25 + ${name}`, model.folder, reranking));
    const mlm = await over("MLM cross-encoder", models.mlmTuned);
    const zeroShot = await over("PROP cross-encoder, zero-shot", models.prop);
    const prop = await over("PROP cross-encoder, fine-tuned", models.propTuned);

    const systems = [ql, bm25, mlm, zeroShot, prop];
    for (const { name, run } of systems)
      await writeRun(join(out, "runs", `${fileName(name)}.run`), run, { tag: fileName(name) });

    const rows = rowsOf(systems, testQrels, { bm25, mlm });
    const rowOf = (system: System) => rows.find((row) => row.system === system)!;
    const report = join(out, "report.html");
    await writeFileAtomically(
      report,
      reportHtml({
        data: await describe(original, {
          documents: index.documentCount,
          learnt: learnt.size,
          heldOut: heldOut.size,
          test: testQrels.size,
        }),
        rows,
        charts: await charts(models),
        examples: chooseExamples(rowOf(prop), rowOf(bm25), { rows, qrels: testQrels, queries: testQueries, documents }),
        settings: describeSettings(context),
        timings: clock.parts(),
        command: `propria demo --collection ${context.collection} --seed ${seed}`,
      }),
    );
    return { rows, report };
  });
}

/** A copy in BEIR layout: nothing that is installed meanwhile changes it, and every command reads it. */
async function copied(collection: Collection, folder: string): Promise<Collection> {
  const splits = await Promise.all(
    ["train", "test"].map(async (split) => [split, await collection.qrels(split)] as const),
  );
  const qrels = Object.fromEntries(splits);
  await writeBeir(folder, { documents: collection.documents(), queries: collection.queries(), qrels });
  return openCollection(folder);
}

interface Models {
  mlm: TrainedModel;
  prop: TrainedModel;
  mlmTuned: TrainedModel;
  propTuned: TrainedModel;
}

async function trainModels(collection: Collection, context: TrainingContext, { time }: Timings): Promise<Models> {
  const vocabulary = await time("vocabulary", () => demoVocabulary(collection, context));
  const mlm = await time("pre-training, MLM", () => demoPretraining("mlm", collection, vocabulary, context));
  const prop = await time("pre-training, PROP", () => demoPretraining("prop", collection, vocabulary, context));
  const mlmTuned = await time("fine-tuning, MLM", () => demoFinetuning(mlm, "mlm", collection, context));
  const propTuned = await time("fine-tuning, PROP", () => demoFinetuning(prop, "prop", collection, context));
  return { mlm, prop, mlmTuned, propTuned };
}

async function charts({ mlm, prop, mlmTuned, propTuned }: Models): Promise<string[]> {
  const pretraining = lossLines([
    { name: "MLM", points: mlm.curve, whole: "mlm" },
    { name: "PROP", points: prop.curve, whole: "loss" },
  ]);
  const finetuning = lossLines([
    { name: "MLM", points: mlmTuned.curve, whole: "loss" },
    { name: "PROP", points: propTuned.curve, whole: "loss" },
  ]);
  return Promise.all([
    ...[...pretraining].map(([part, lines]) => lineChart(`Pre-training, ${part}`, lines)),
    ...[...finetuning].map(([part, lines]) => lineChart(`Fine-tuning, ${part}`, lines)),
  ]);
}

async function describe(
  { name, omitted }: Collection,
  { documents, learnt, heldOut, test }: Record<"documents" | "learnt" | "heldOut" | "test", number>,
): Promise<string> {
  const left = Object.entries((await omitted?.()) ?? {})
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${kebab(reason).replaceAll("-", " ")}`);
  const without = left.length > 0 ? ` (left out: ${left.join(", ")})` : "";
  return `${name}: ${documents} documents${without}. ${learnt} training queries to fine-tune on, ${heldOut} more to choose the interpolation weights on, ${test} test queries.`;
}

/** `BM25 + PROP cross-encoder, zero-shot` → `bm25-prop-cross-encoder-zero-shot`. */
const fileName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
