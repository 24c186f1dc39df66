import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { PropriaError } from "@propria/base";

/** A peer in a process of its own, asked by lines of JSON. It works only while it is asked. */
export class PeerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  /** @param environment Added to ours, for settings that a program reads when it starts. */
  constructor(command: string, args: readonly string[], environment: Record<string, string> = {}) {
    this.#child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.on("error", (error) => {
      this.#errors += error.message;
    });
    this.#child.stdin.on("error", () => undefined); // what is wrong is said when the answer does not come
    const lines: Interface = createInterface(this.#child.stdout);
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** The next line that the peer prints. */
  async read<Answer>(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value) as Answer;
    throw new PropriaError("PEER_FAILED", this.#errors.trim().split("\n").at(-1) || "it ended without an answer", {
      at: this.#child.spawnargs.slice(0, 2).join(" "),
      mend: "give --python a Python that has the peer installed",
    });
  }

  /** Asks and waits. */
  async ask<Answer>(request: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.read<Answer>();
  }

  /** Ends the process: it stops when its input does. */
  close(): void {
    this.#child.stdin.end();
  }
}
