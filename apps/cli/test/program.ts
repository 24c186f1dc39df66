/** The program: called within the test's process, or as a user runs it, built and in a child process. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";
import { runProgram } from "../src/program/run-command.ts";

/** The committed bin file. */
export const bin = fileURLToPath(new URL("../bin/propria.js", import.meta.url));
/** A folder in BEIR layout, written by hand: 14 documents, 10 queries. */
export const kitchen = fileURLToPath(new URL("fixtures/kitchen", import.meta.url));
/** Another, in Chinese: 12 documents, 10 queries. */
export const teahouse = fileURLToPath(new URL("fixtures/teahouse", import.meta.url));
/** A config.json: 2 layers, 32 wide, 64 positions. */
export const narrow = fileURLToPath(new URL("fixtures/narrow.json", import.meta.url));

/** What a call of the program left behind. */
export interface Outcome {
  stdout: string;
  stderr: string;
  status: number | null;
}

/** Runs the program to its end within this process, in `cwd`: all of it but the start of a process. */
export async function propria(cwd: string, ...words: string[]): Promise<Outcome> {
  const outcome: Outcome = { stdout: "", stderr: "", status: null };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      outcome[name] += text;
      return true;
    }),
  );
  const before = process.cwd();
  process.chdir(cwd);
  try {
    outcome.status = await runProgram(words);
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
  return outcome;
}

/** Runs the built program to its end in a child process, in `cwd`. */
export function spawned(cwd: string, ...words: string[]): Outcome {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bin, ...words], { cwd, encoding: "utf8" });
  return { stdout, stderr, status };
}

/** Starts the built program; `line` waits for a line on stderr, `ended` for its end. */
export function start(cwd: string, ...words: string[]) {
  const child: ChildProcess = spawn(process.execPath, [bin, ...words], { cwd });
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) =>
    child.on("close", (status) => resolve({ status, stderr })),
  );
  return { child, ended };
}

/** The one line on stderr that a failed call has to leave, without the program's name. */
export function errorLine({ stderr, stdout, status }: Outcome): { line: string; status: number | null } {
  const lines = stderr.split("\n").filter((line) => line.startsWith("propria: "));
  if (lines.length !== 1) throw new Error(`expected one line of error, found:\n${stderr}\n${stdout}`);
  return { line: lines[0]!.slice("propria: ".length), status };
}

/** A folder that goes when the file's tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "propria-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Flags of a pre-training that takes a second. */
export const pretraining = (out: string, ...more: string[]): string[] => [
  ...["pretrain", "--corpus", kitchen, "--objective", "mlm", "--config", narrow, "--vocab", "vocab", "--out", out],
  ...["--batch", "4", "--max-tokens", "32", "--lr", "1e-3", "--seed", "3", "--threads", "1", ...more],
];
