import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Runs a program of ours, by its name in `dist/`, in a process whose memory nothing else has touched; it gets its argument as JSON and prints its answer so. */
export async function runApart<Answer>(program: string, argument: object): Promise<Answer> {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url)); // beside us in dist/
  const child = spawn(process.execPath, ["--expose-gc", path, JSON.stringify(argument)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("exit", resolve).once("error", reject));
  const answer = await text(child.stdout);
  const status = await ended;
  if (status !== 0) throw new Error(`${program} of ${JSON.stringify(argument)} ended with status ${status}`);
  return JSON.parse(answer) as Answer;
}
