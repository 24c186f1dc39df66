/** Search with a bi-encoder as it comes: what is found must be what sentence-transformers finds. */
import { evaluate } from "@propria/metrics";
import { openBiEncoder } from "@propria/rankers";
import { type BenchCase, type CaseOptions, type Row, rowOf } from "../bench-case.ts";
import {
  givenModel,
  namedCollection,
  ourRun,
  textsOf,
  theirRun,
  withSentenceTransformers,
} from "../sentence-transformers.ts";

const COLLECTIONS = ["cranfield", "cacm", "cisi", "wikiqa", "xquad-en"];
const MEASURES = ["nDCG@10", "R@100"];

export const zeroShotCase: BenchCase = {
  name: "zero-shot",
  description: "nDCG@10 and R@100 of MiniLM without training, against sentence-transformers; needs --model and --data",
  run(options: CaseOptions) {
    const folder = givenModel(options);
    return withSentenceTransformers(options, folder, async (peered) => {
      const model = await openBiEncoder(folder, { threads: options.threads });
      const rows: Row[] = [];
      for (const name of COLLECTIONS) {
        const collection = await namedCollection(name, options);
        const qrels = await collection.qrels("test");
        const texts = await textsOf(collection, "test");
        const ours = evaluate(qrels, await ourRun(model, texts, options), MEASURES).mean;
        const theirs = evaluate(qrels, await theirRun(peered, texts, "given"), MEASURES).mean;
        for (const measure of MEASURES) {
          const pair = { ours: ours[measure]!, theirs: theirs[measure]! };
          options.report(`zero-shot, ${name}, ${measure}: ${pair.ours.toFixed(5)}, peer ${pair.theirs.toFixed(5)}`);
          rows.push(rowOf({ name: `zero-shot ${name}`, peer: peered.name, unit: measure, better: "higher" }, [pair]));
        }
      }
      await model.release();
      return rows;
    });
  },
};
