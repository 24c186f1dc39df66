import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isPropriaError, PropriaError } from "@propria/base";
import { Command } from "commander";
import type { BenchCase, Row } from "./bench-case.ts";

/** Cases by name, loaded when they are asked for. */
const cases: Record<string, () => Promise<BenchCase>> = {
  engine: async () => (await import("./cases/engine/index.ts")).engineCase,
};

const program = new Command("bench")
  .description("Speed side by side with what a user would pick instead; a ratio above 1 is in our favour")
  .argument("<case...>", `one or more of: ${Object.keys(cases).join(", ")}`)
  .option("--python <path>", "the Python that has the peers installed", "python3")
  .option("--rounds <n>", "paired measurements of each row", Number, 3)
  .option("--threads <n>", "threads of each side", Number, availableParallelism())
  .option("--json <file>", "also write the rows as JSON")
  .action(async (names: string[], options: { python: string; rounds: number; threads: number; json?: string }) => {
    const rows: Row[] = [];
    for (const name of names) {
      const load = cases[name];
      if (!load)
        throw new PropriaError("CASE_NAME", `no case is called ${name}`, {
          mend: `one of ${Object.keys(cases).join(", ")}`,
        });
      const { python, rounds, threads } = options;
      rows.push(...(await (await load()).run({ python, rounds, threads, report })));
    }
    process.stdout.write(table(rows));
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ cases: rows }, null, 2)}\n`);
  });

/** Progress goes to stderr, results to stdout. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, peer, unit, ours, theirs, ratio }) =>
    [
      name.padEnd(18),
      `${ours} ${unit}`.padStart(12),
      `${peer} ${theirs} ${unit}`.padStart(34),
      `  ratio ${ratio.median} (${ratio.min} to ${ratio.max})`,
    ].join(""),
  );
  return `${lines.join("\n")}\n`;
}

program.parseAsync().catch((error: unknown) => {
  if (!isPropriaError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
