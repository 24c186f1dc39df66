/** The commands of the program. A command's file is loaded when it is called. */
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import type { Command } from "./command.ts";

/** A command as the help lists it. */
export interface Entry {
  summary: string;
  load(): Promise<{ default: unknown }>;
}

/** Commands under one name, each with flags of its own: `finetune cross-encoder`. */
export interface Group {
  summary: string;
  commands: Readonly<Record<string, Entry>>;
}

/** By name, in the order of the help. */
export const commands: Readonly<Record<string, Entry | Group>> = {
  vocab: { summary: "train a WordPiece vocabulary on a corpus", load: () => import("../commands/vocab.ts") },
  vectors: { summary: "learn word vectors from a corpus", load: () => import("../commands/vectors.ts") },
  pretrain: {
    summary: "pre-train an encoder on a corpus, without labels",
    load: () => import("../commands/pretrain.ts"),
  },
  finetune: {
    summary: "fine-tune a model on judged queries",
    commands: {
      "bi-encoder": {
        summary: "a model that gives queries and documents vectors, for search",
        load: () => import("../commands/finetune-bi-encoder.ts"),
      },
      "cross-encoder": {
        summary: "a model that reads query and document together, for re-ranking",
        load: () => import("../commands/finetune-cross-encoder.ts"),
      },
      drmm: {
        summary: "histograms of how words match, over word vectors, for re-ranking",
        load: () => import("../commands/finetune-drmm.ts"),
      },
      knrm: {
        summary: "kernels over the similarities of words, for re-ranking",
        load: () => import("../commands/finetune-knrm.ts"),
      },
      "conv-knrm": {
        summary: "kernels over the similarities of n-grams, for re-ranking",
        load: () => import("../commands/finetune-conv-knrm.ts"),
      },
      "term-weights": {
        summary: "DeepCT: a model that weighs the words of a passage, for BM25",
        load: () => import("../commands/finetune-term-weights.ts"),
      },
    },
  },
  encode: { summary: "write the vectors of documents or queries", load: () => import("../commands/encode.ts") },
  index: { summary: "build an index over vectors", load: () => import("../commands/index.ts") },
  mine: { summary: "find hard negatives for fine-tuning", load: () => import("../commands/mine.ts") },
  weigh: { summary: "give the words of a corpus a model's term weights", load: () => import("../commands/weigh.ts") },
  keywords: { summary: "the words that represent a document", load: () => import("../commands/keywords.ts") },
  search: { summary: "answer the queries of a collection", load: () => import("../commands/search.ts") },
  rerank: { summary: "reorder a run with a model that scores pairs", load: () => import("../commands/rerank.ts") },
  fuse: { summary: "bring several runs together in one", load: () => import("../commands/fuse.ts") },
  evaluate: { summary: "measure runs, and whether they differ", load: () => import("../commands/evaluate.ts") },
  adapter: {
    summary: "what fine-tunes a model while its own weights stay",
    commands: {
      count: { summary: "how many parameters adapters have", load: () => import("../commands/adapter-count.ts") },
      info: { summary: "what the folder of one holds", load: () => import("../commands/adapter-info.ts") },
      merge: {
        summary: "write a model with one in its weights",
        load: () => import("../commands/adapter-merge.ts"),
      },
    },
  },
  demo: { summary: "the whole path on the READMEs of installed packages", load: () => import("../commands/demo.ts") },
  experiment: {
    summary: "run the thesis' experiments and draw their tables",
    commands: {
      list: { summary: "the experiments there are", load: () => import("../commands/experiment-list.ts") },
      run: { summary: "run one, or go on with it", load: () => import("../commands/experiment-run.ts") },
      report: { summary: "tables beside the thesis' numbers", load: () => import("../commands/experiment-report.ts") },
    },
  },
  list: { summary: "objectives, configs, indexes, measures, formats", load: () => import("../commands/list.ts") },
  doctor: { summary: "what this machine has, and what is missing", load: () => import("../commands/doctor.ts") },
};

/** A command that was called. */
export interface Called {
  /** Its name, of one word or two: `["finetune", "cross-encoder"]`. */
  path: readonly string[];
  command: Command;
  /** The words after its name. */
  words: readonly string[];
}

/** A group that was called without saying which of its commands. */
export interface CalledGroup {
  name: string;
  group: Group;
}

/**
 * The command that the words begin with.
 *
 * @throws {PropriaError} `COMMAND` for a name that is no command, with the nearest one.
 */
export async function findCommand(words: readonly string[]): Promise<Called | CalledGroup> {
  const [name = "", second = "", ...others] = words;
  const entry = entryOf(name, name, commands);
  if ("load" in entry) return { path: [name], command: await load(entry), words: words.slice(1) };
  if (words.length === 1 || second === "--help" || second === "-h") return { name, group: entry };
  if (second.startsWith("-"))
    throw new PropriaError("COMMAND", `needs one of ${Object.keys(entry.commands).join(", ")} after its name`, {
      at: name,
    });
  const path = [name, second];
  return { path, command: await load(entryOf(second, path.join(" "), entry.commands)), words: others };
}

const load = async (entry: Entry): Promise<Command> => (await entry.load()).default as Command;

function entryOf<E>(name: string, called: string, entries: Readonly<Record<string, E>>): E {
  if (Object.hasOwn(entries, name)) return entries[name]!;
  const near = nearestName(name, Object.keys(entries));
  throw new PropriaError("COMMAND", `there is no command ${JSON.stringify(called)}`, {
    mend: near === undefined ? `one of ${Object.keys(entries).join(", ")}` : `did you mean ${near}?`,
  });
}
