#!/usr/bin/env node
// Committed as it is: npm links bins before anything is built.
import { existsSync } from "node:fs";

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write("propria: apps/cli/dist is not there (build it: npm run build, at the top of the repository)\n");
  process.exitCode = 2;
}
