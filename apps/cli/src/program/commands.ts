/** The commands of the program. A command's file is loaded when it is called. */
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import type { Command } from "./command.ts";

interface Entry {
  summary: string;
  load(): Promise<{ default: unknown }>;
}

/** By name, in the order of the help. */
export const commands: Readonly<Record<string, Entry>> = {
  vocab: { summary: "train a WordPiece vocabulary on a corpus", load: () => import("../commands/vocab.ts") },
  pretrain: {
    summary: "pre-train an encoder on a corpus, without labels",
    load: () => import("../commands/pretrain.ts"),
  },
  finetune: { summary: "fine-tune a model on judged queries", load: () => import("../commands/finetune.ts") },
  search: { summary: "answer the queries of a collection", load: () => import("../commands/search.ts") },
  rerank: { summary: "reorder a run with a cross-encoder", load: () => import("../commands/rerank.ts") },
  evaluate: { summary: "measure runs, and whether they differ", load: () => import("../commands/evaluate.ts") },
  demo: { summary: "the whole path on the READMEs of installed packages", load: () => import("../commands/demo.ts") },
  list: { summary: "objectives, configs, measures, formats", load: () => import("../commands/list.ts") },
  doctor: { summary: "what this machine has, and what is missing", load: () => import("../commands/doctor.ts") },
};

/** @throws {PropriaError} `COMMAND` for a name that is no command, with the nearest one. */
export async function loadCommand(name: string): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return (await entry.load()).default as Command;
  const near = nearestName(name, Object.keys(commands));
  throw new PropriaError("COMMAND", `there is no command ${JSON.stringify(name)}`, {
    mend: near === undefined ? `one of ${Object.keys(commands).join(", ")}` : `did you mean ${near}?`,
  });
}
