/** Runs steps in the order in which they need each other, and keeps what they give. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPropriaError, PropriaError, writeFileAtomically } from "@propria/base";
import { hashOf, type Json } from "./canonical.ts";
import { contentHash, type HashMemory } from "./source.ts";
import type { Finished, Step, StepContext, StepProgress } from "./step.ts";

/** What happens to a step. */
export type StepEvent = { name: string } & (
  | { state: "kept" }
  | { state: "started" }
  | ({ state: "running" } & StepProgress)
  | { state: "done"; seconds: number }
);

/** How steps are run. */
export interface GraphOptions {
  /** Folder where outputs are kept, one folder a step. */
  work: string;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: ((event: StepEvent) => void) | undefined;
}

/** Steps that run at most once. */
export interface Graph {
  /** Hash of all that a step is made from: kind, version, settings, and its inputs' keys. Runs nothing. */
  key(step: Step): Promise<string>;
  /** The output of a step, made now with all that it needs, or kept from before. */
  run<Output extends Json>(step: Step<Output>): Promise<Finished<Output>>;
  /** How long a finished step took, in seconds; 0 of data. */
  seconds(step: Step): Promise<number>;
}

interface Record {
  name: string;
  kind: string;
  version: number;
  settings: Json;
  inputs: { [name: string]: string };
  output: Json;
  seconds: number;
}

const RECORD = "step.json"; // written last: a step without it is not finished
const HASHES = "hashes.json";

/**
 * Opens a folder of kept outputs. A step whose key is there is not run again; any change of what decides its output (its settings, its
 * version, data, an input) changes its key and those of the steps after it, and of no other.
 *
 * A step that was stopped keeps its folder: a training in it goes on from its checkpoint.
 */
export function openGraph({ work, threads, signal = new AbortController().signal, onEvent }: GraphOptions): Graph {
  const keys = new Map<Step, Promise<string>>();
  const finished = new Map<string, Finished<Json>>();
  let memory: Promise<HashMemory> | undefined;

  const key = (step: Step): Promise<string> => {
    const known = keys.get(step) ?? makeKey(step);
    keys.set(step, known);
    return known;
  };

  async function makeKey(step: Step): Promise<string> {
    if (step.source !== undefined) {
      memory ??= readMemory(join(work, HASHES));
      const hashes = await memory;
      const before = JSON.stringify(hashes);
      const hash = await contentHash(step.source, hashes);
      const after = JSON.stringify(hashes);
      if (after !== before) await writeFileAtomically(join(work, HASHES), after);
      return hashOf({ kind: step.kind, content: hash });
    }
    const inputs = await keysOf(step);
    return hashOf({ kind: step.kind, version: step.version, settings: step.settings, inputs });
  }

  async function keysOf(step: Step): Promise<{ [name: string]: string }> {
    const inputs: { [name: string]: string } = {};
    for (const [name, input] of Object.entries(step.inputs)) inputs[name] = await key(input);
    return inputs;
  }

  const folderOf = async (step: Step) => step.source ?? join(work, `${step.kind}-${(await key(step)).slice(0, 16)}`);

  async function run<Output extends Json>(step: Step<Output>): Promise<Finished<Output>> {
    const id = await key(step);
    const known = finished.get(id) ?? (await kept(step, id)) ?? (await make(step, id));
    finished.set(id, known);
    return known as Finished<Output>;
  }

  async function kept(step: Step, id: string): Promise<Finished<Json> | undefined> {
    const folder = await folderOf(step);
    if (step.source !== undefined) return { folder, key: id, output: { path: "." } };
    const record = await readRecord(folder);
    if (record === undefined) return undefined;
    onEvent?.({ name: step.name, state: "kept" });
    return { folder, key: id, output: record.output };
  }

  async function make(step: Step, id: string): Promise<Finished<Json>> {
    const inputs = new Map<Step, Finished<Json>>();
    for (const input of Object.values(step.inputs)) inputs.set(input, await run(input));
    refuseAborted(step, signal);
    const folder = await folderOf(step);
    await mkdir(folder, { recursive: true });
    onEvent?.({ name: step.name, state: "started" });
    const context: StepContext = {
      folder,
      threads,
      signal,
      of: <Output extends Json>(input: Step<Output>) => {
        const found = inputs.get(input);
        if (!found) throw new Error(`step ${step.name} reads ${input.name}, which is not among its inputs`);
        return found as Finished<Output>;
      },
      onProgress: (progress) => onEvent?.({ name: step.name, state: "running", ...progress }),
      stopIfAsked: () => refuseAborted(step, signal),
    };
    const started = performance.now();
    const output = await step.run(context).catch((error: unknown) => {
      throw stopped(step, error) ?? error;
    });
    const seconds = secondsOf(output) ?? (performance.now() - started) / 1000;
    const { name, kind, version, settings } = step;
    const record: Record = { name, kind, version, settings, inputs: await keysOf(step), output, seconds };
    await writeFileAtomically(join(folder, RECORD), `${JSON.stringify(record, undefined, 1)}\n`);
    onEvent?.({ name, state: "done", seconds });
    return { folder, key: id, output };
  }

  return {
    key,
    run,
    async seconds(step) {
      return step.source !== undefined ? 0 : ((await readRecord(await folderOf(step)))?.seconds ?? 0);
    },
  };
}

/** A training that was resumed knows its own time. */
function secondsOf(output: Json): number | undefined {
  if (output === null || typeof output !== "object" || !("elapsedSeconds" in output)) return undefined;
  return typeof output.elapsedSeconds === "number" ? output.elapsedSeconds : undefined;
}

const INTERRUPTED = "INTERRUPTED";

/** What an interruption is to a person who runs an experiment: where it stopped, and that nothing finished is lost. */
function stopped(step: Step, error: unknown): PropriaError | undefined {
  if (!isPropriaError(error) || (error as PropriaError).code !== INTERRUPTED) return undefined;
  return interruption(step, error);
}

function refuseAborted(step: Step, signal: AbortSignal): void {
  if (signal.aborted) throw interruption(step);
}

const interruption = (step: Step, cause?: unknown): PropriaError =>
  new PropriaError(INTERRUPTED, "stopped; what is finished is kept", {
    at: step.name,
    mend: "run the experiment again to go on",
    ...(cause !== undefined && { cause }),
  });

async function readRecord(folder: string): Promise<Record | undefined> {
  const path = join(folder, RECORD);
  if (!existsSync(path)) return undefined;
  return JSON.parse(await readFile(path, "utf8")) as Record;
}

async function readMemory(path: string): Promise<HashMemory> {
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as HashMemory) : {};
}
