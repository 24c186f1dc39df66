/** Pre-training again from the model that came out, with what is prepared by it: bootstrapping. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { corpusHash } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import { tokenizerHash } from "@propria/transformer-core";
import { isFile, loadObjective, objectiveReference } from "./load-objective.ts";
import { objectiveOptions } from "./options.ts";
import { type Pretraining, type PretrainingResult, pretrain } from "./pretrain.ts";
import { type Start, vocabularyPath } from "./starting-weights.ts";

/** A pre-training in rounds. */
export interface RoundsTraining extends Omit<Pretraining, "adapter"> {
  /** How often: each round starts from the model of the one before. */
  rounds: number;
  /** Called before each round; `finished` when an earlier call had trained it. */
  onRound?: ((round: { round: number; rounds: number; folder: string; finished: boolean }) => void) | undefined;
}

/** What came of a round. */
export interface RoundResult {
  folder: string;
  /** Absent where an earlier call had trained it. */
  trained?: PretrainingResult;
}

/**
 * Pre-trains `rounds` times, `out/round-1`, `out/round-2`, …, each from the model of the one before: B-PROP's bootstrapping, which samples word sets by
 * the model that it trains. Called again, it passes over finished rounds and goes on within the one that was stopped; more rounds than before
 * go on from the last.
 *
 * @throws {PropriaError} `ROUND_CHANGED` for a round that was begun with other settings; `OUTPUT_EXISTS` when `out` is the folder of a training itself; `OPTION_VALUE` for a
 *   number of rounds that is no whole number from 1; those of `pretrain`.
 * @see Ma et al., "B-PROP", SIGIR 2021. https://arxiv.org/abs/2104.09791
 */
export async function pretrainRounds({
  rounds,
  onRound,
  resume = "auto",
  ...training
}: RoundsTraining): Promise<RoundResult[]> {
  const { out } = training;
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new PropriaError("OPTION_VALUE", `${rounds} is no number of rounds`, { at: "rounds", mend: "1 or more" });
  const begun = holdsRounds(out);
  if (resume === "never" && begun)
    throw new PropriaError("TRAINING_EXISTS", "the folder already holds rounds", {
      at: out,
      mend: "give another folder, or resume it",
    });
  if (resume === "must" && !begun)
    throw new PropriaError("NOTHING_TO_RESUME", "there is no round to go on from", {
      at: out,
      mend: "train with resume auto or never",
    });
  const settings = await settingsOf(training);
  const results: RoundResult[] = [];
  let start = training.start;
  for (let round = 1; round <= rounds; round++) {
    const folder = join(out, `round-${round}`);
    await keepNote(folder, { ...settings, start: await startHash(start) });
    const finished = existsSync(join(folder, MODEL));
    onRound?.({ round, rounds, folder, finished });
    if (finished) results.push({ folder });
    else results.push({ folder, trained: await pretrain({ ...training, start, out: folder }) });
    start = { init: folder };
  }
  return results;
}

const MODEL = "propria.json"; // written last

/** Whether there are rounds in the folder, which is that of no training itself. */
function holdsRounds(out: string): boolean {
  const names = existsSync(out) ? readdirSync(out) : [];
  if (names.includes(MODEL) || names.includes("training.json"))
    throw new PropriaError("OUTPUT_EXISTS", "holds a training without rounds", {
      at: out,
      mend: "name another folder, or remove this one",
    });
  return names.some((name) => /^round-\d+$/.test(name));
}

type Note = Readonly<Record<string, unknown>>;

/** What a round is made from, kept beside it as `round-N.json`. */
async function keepNote(folder: string, note: Note): Promise<void> {
  const file = `${folder}.json`;
  const now = JSON.parse(JSON.stringify(note)) as Note; // without the members that are undefined
  const before = existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Note) : undefined;
  const changed =
    before && Object.keys({ ...before, ...now }).find((name) => canonical(before[name]) !== canonical(now[name]));
  if (changed !== undefined && existsSync(folder))
    throw new PropriaError("ROUND_CHANGED", `was begun otherwise: ${changed} differs`, {
      at: folder,
      mend: "remove this folder and the later rounds to train them again, or name another one to train into",
    });
  if (before === undefined || changed !== undefined)
    await writeFileAtomically(file, `${JSON.stringify(now, null, 2)}\n`);
}

/** Members in whatever order. */
const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** What decides every round, but for where it starts. */
async function settingsOf({ corpus, objective: name, options, ...given }: Pretraining): Promise<Note> {
  const objective = await loadObjective(name);
  const { seed = 1, steps, epochs, batch, chunk, maxTokens, learningRate, warmupRatio, dropout, backend } = given;
  return {
    objective: objective.name,
    file: isFile(name) ? sha256(await readFile(objectiveReference(name))) : undefined,
    options: objectiveOptions(objective, options),
    corpus: await corpusHash(corpus),
    ...{ seed, steps, epochs, batch, chunk, maxTokens, learningRate, warmupRatio, dropout, backend },
  };
}

async function startHash(start: Start): Promise<string> {
  if ("init" in start) return fileHash(join(start.init, "model.safetensors"));
  const tokenizer = await Tokenizer.load(vocabularyPath(start));
  const vectors = start.pieceVectors === undefined ? undefined : await fileHash(start.pieceVectors);
  return sha256(JSON.stringify({ config: start.config(tokenizer.size), tokenizer: tokenizerHash(tokenizer), vectors }));
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Of a file; nothing of one that is not there, which the training tells better. */
async function fileHash(path: string): Promise<string> {
  if (!existsSync(path)) return "";
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest("hex");
}
