import { PropriaError } from "@propria/base";
import { openCorpus } from "@propria/collection";
import { openVectors } from "@propria/dense-index";
import { type EncodingFlags, encodingFlags } from "../flags/encoding.ts";
import { defaulted, required, text } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { buildingFlags, searchingFlags } from "../flags/indexing.ts";
import { engineFlags } from "../flags/training.ts";
import { withCleanExit } from "../program/clean-exit.ts";
import { type CommandContext, defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";
import { type EngineFlags, withBiEncoder } from "../steps/bi-encoder.ts";
import { buildIndex, type Vectors } from "../steps/build-index.ts";
import { documentTexts, encoded } from "../steps/encode.ts";
import { mustBeVectors } from "../steps/folder-kind.ts";
import { type RecordedModel, recordedModel, recordOf } from "../steps/recorded-model.ts";

/** `propria index` */
export default defineCommand({
  description:
    "Builds an index over the vectors of a corpus, for propria search --index: exact, a graph (hnsw), or one of faiss' factories.",
  examples: [
    "propria index --model bi --corpus wikiqa --out index",
    "propria index --model bi --corpus wikiqa --type hnsw --out index",
    "propria index --vectors vectors --type faiss:IVF64,Flat --nprobe 8 --out index",
  ],
  flags: {
    model: text("DIR", "bi-encoder, one of sentence-transformers included, or a bare encoder"),
    corpus: text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH"),
    vectors: text("DIR", "what propria encode --corpus wrote, in place of --model and --corpus"),
    type: defaulted(text("exact|hnsw|faiss:FACTORY", "kind of index; propria list indexes describes them"), "exact"),
    out: required(text("DIR", "folder to write")),
    ...buildingFlags,
    ...searchingFlags,
    ...encodingFlags,
    ...engineFlags,
  },
  async run({ model, corpus, vectors, out, ...flags }, context) {
    if (vectors !== undefined) {
      const { pooling, similarity, maxTokens, queryPrefix, documentPrefix, base, adapterFile } = flags;
      const encoding = { pooling, similarity, maxTokens, queryPrefix, documentPrefix, base, adapterFile };
      refuseForeign({ model, corpus, ...encoding }, "--vectors, which are encoded already");
    }
    mustBeNew(out);
    const build = async (from: Vectors, madeBy: RecordedModel | undefined) => {
      const index = await buildIndex(flags, from);
      try {
        await index.save(out);
        await context.echoSettings(out, { madeBy });
        context.print(`${out}: ${index.size} documents, ${index.kind}`);
      } finally {
        await index.release();
      }
    };
    await withCleanExit([`${out}.tmp`], async () => {
      if (vectors !== undefined) return withStoredVectors(vectors, context, build);
      if (model === undefined || corpus === undefined)
        throw new PropriaError("FLAG_MISSING", "needs --model DIR and --corpus PATH, or --vectors DIR");
      await withEncodedCorpus(model, corpus, { flags, context }, build);
    });
  },
});

type Build = (from: Vectors, madeBy: RecordedModel | undefined) => Promise<void>;

async function withEncodedCorpus(
  model: string,
  corpus: string,
  { flags, context }: { flags: EncodingFlags & EngineFlags; context: CommandContext },
  build: Build,
): Promise<void> {
  const texts = documentTexts(await openCorpus(corpus));
  await withBiEncoder(model, flags, context, (encoder) => {
    const batches = () => encoded(encoder, texts, { side: "document", progress: context.progress });
    return build({ dimensions: encoder.dimensions, space: encoder.space, batches }, recordOf(model, flags));
  });
}

async function withStoredVectors(folder: string, { progress }: CommandContext, build: Build): Promise<void> {
  await mustBeVectors(folder);
  const vectors = await openVectors(folder);
  const { dimensions, space, size } = vectors;
  async function* batches() {
    const step = progress.start("adding", "documents");
    let done = 0;
    for await (const batch of vectors.batches()) {
      yield batch;
      done += batch.ids.length;
      step.update(done, size);
    }
    step.end(`${done} documents`);
  }
  try {
    await build({ dimensions, space, batches }, await recordedModel(folder));
  } finally {
    await vectors.close();
  }
}
