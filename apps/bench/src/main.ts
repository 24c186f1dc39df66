import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isPropriaError, PropriaError } from "@propria/base";
import { Command } from "commander";
import type { BenchCase, CaseOptions, Row } from "./bench-case.ts";

/** Cases by name, loaded when they are asked for. */
const cases: Record<string, () => Promise<BenchCase>> = {
  engine: async () => (await import("./cases/engine/index.ts")).engineCase,
  tokenizer: async () => (await import("./cases/tokenizer.ts")).tokenizerCase,
  sampler: async () => (await import("./cases/sampler.ts")).samplerCase,
  "costa-memory": async () => (await import("./cases/costa-memory.ts")).costaMemoryCase,
  index: async () => (await import("./cases/index.ts")).indexCase,
  prop: async () => (await import("./cases/prop.ts")).propCase,
  examples: async () => (await import("./cases/examples.ts")).examplesCase,
  "zero-shot": async () => (await import("./cases/zero-shot.ts")).zeroShotCase,
  encode: async () => (await import("./cases/encode.ts")).encodeCase,
  attention: async () => (await import("./cases/attention.ts")).attentionCase,
  "bi-encoder": async () => (await import("./cases/bi-encoder.ts")).biEncoderCase,
  rerank: async () => (await import("./cases/rerank.ts")).rerankCase,
  "adapter-step": async () => (await import("./cases/adapters/step.ts")).adapterStepCase,
  "adapter-methods": async () => (await import("./cases/adapters/methods.ts")).adapterMethodsCase,
  "adapter-tasks": async () => (await import("./cases/adapters/tasks.ts")).adapterTasksCase,
  "cross-encoder": async () => (await import("./cases/cross-encoder.ts")).crossEncoderCase,
};

interface Options extends Omit<CaseOptions, "report"> {
  json?: string;
}

const program = new Command("bench")
  .description("Speed side by side with what a user would pick instead; a ratio above 1 is in our favour")
  .argument("<case...>", `one or more of: ${Object.keys(cases).join(", ")}`)
  .option("--python <path>", "the Python that has the peers installed", "python3")
  .option("--corpus <path>", "texts for tokenizer, sampler, prop, examples, encode and attention, as to propria")
  .option(
    "--model <path>",
    "a bi-encoder's folder for zero-shot, encode, attention, bi-encoder, rerank, cross-encoder and those of adapters",
    process.env.PROPRIA_MINILM,
  )
  .option(
    "--data <path>",
    "a folder of collections for zero-shot, encode, bi-encoder, rerank and cross-encoder",
    process.env.PROPRIA_DATA,
  )
  .option(
    "--size <n>",
    "pairs of rerank, queries of cross-encoder, documents of prop and examples, texts of adapters; a small one to try a case",
    Number,
  )
  .option("--rounds <n>", "paired measurements of each row", Number, 3)
  .option("--threads <n>", "threads of each side", Number, availableParallelism())
  .option("--json <file>", "also write the rows as JSON")
  .action(async (names: string[], options: Options) => {
    const rows: Row[] = [];
    for (const name of names) {
      const load = cases[name];
      if (!load)
        throw new PropriaError("CASE_NAME", `no case is called ${name}`, {
          mend: `one of ${Object.keys(cases).join(", ")}`,
        });
      rows.push(...(await (await load()).run({ ...options, report })));
    }
    process.stdout.write(table(rows));
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ cases: rows }, null, 2)}\n`);
  });

/** Progress goes to stderr, results to stdout. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { name, unit, ours, peer, theirs } = row;
    const measured = name.padEnd(20) + `${ours} ${unit}`.padStart(18);
    if (row.ratio === null) return `${measured}  (${row.spread.min} to ${row.spread.max})`;
    return `${measured}${`${peer} ${theirs} ${unit}`.padStart(34)}  ratio ${row.ratio.median} (${row.ratio.min} to ${row.ratio.max})`;
  });
  return `${lines.join("\n")}\n`;
}

program.parseAsync().catch((error: unknown) => {
  if (!isPropriaError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
