// Adds up the closing lines of every package's vitest run ("Tests  2 failed | 40 passed | 1 skipped (43)") and prints one.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const line of stripVTControlCharacters(readFileSync(process.argv[2], "utf8")).split("\n")) {
  const [, summary] = /\bTests {2}(.*)\(\d+\)\s*$/.exec(line) ?? [];
  for (const [, count, what] of summary?.matchAll(/(\d+) (passed|failed|skipped)/g) ?? [])
    counts[what] += Number(count);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
